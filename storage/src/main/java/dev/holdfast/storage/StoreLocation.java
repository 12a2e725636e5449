package dev.holdfast.storage;

import dev.holdfast.format.failure.SidecarException.BadConfig;
import dev.holdfast.storage.gcs.GcsObjectStore;
import dev.holdfast.storage.gcs.GcsPlace;
import dev.holdfast.storage.s3.S3ObjectStore;
import dev.holdfast.storage.s3.S3Place;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where an archive lies, as an operator writes it: a path, or a URL whose scheme chooses the
/// store. A new kind of store is a new case here.
///
/// `toString` gives the URL, in printable ASCII, from which [#parse] makes the same location: what
/// is stored and told means the same to whoever reads it.
public sealed interface StoreLocation {
    /// Two characters at least, so that it is not a drive.
    Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):.*", Pattern.DOTALL);

    /// Throws [BadConfig] for what is neither. What is not absolute is meant from the working
    /// directory.
    static StoreLocation parse(String text) {
        return parse(text, Path.of(""));
    }

    /// As [#parse(String)], of a text that stands in a file.
    ///
    /// @param from where what is not absolute is meant from
    static StoreLocation parse(String text, Path from) {
        if (text.isEmpty()) {
            throw new BadConfig(
                    "the archive's location is empty", "Name a folder, as in --to /srv/archive.");
        }
        Matcher url = SCHEME.matcher(text);
        if (!url.matches()) {
            return folder(text, from);
        }
        return switch (url.group(1).toLowerCase(Locale.ROOT)) {
            case "file" -> folderOf(text);
            case "s3" -> new Bucket(S3Place.parse(text, from));
            case "gs" -> new GoogleBucket(GcsPlace.parse(text, from));
            default ->
                    throw new BadConfig(
                            "no kind of store is called \""
                                    + url.group(1)
                                    + "\": "
                                    + (hasUserInfo(text) ? "" : "found " + text + ", ")
                                    + "supported are a path, file:, s3: and gs:",
                            "Name a folder, as in /srv/archive, or a bucket, as in"
                                    + " s3://bucket/prefix; write ./"
                                    + (hasUserInfo(text) ? "…" : text)
                                    + " if it is a folder's name.");
        };
    }

    /// A password may stand before the `@` of a URL.
    private static boolean hasUserInfo(String url) {
        return url.contains("@");
    }

    /// To create objects, and to read; makes what is not there. Throws the storage cases of
    /// [dev.holdfast.format.failure.SidecarException].
    ///
    /// @param stop gives up a request that is under way, where one can be for long
    ObjectStore openForWriting(CountDownLatch stop);

    /// Only to read; what is not there is an error, not an empty archive.
    ///
    /// @param stop as for [#openForWriting]
    ObjectStore openForReading(CountDownLatch stop);

    /// Looks at the files that it names for its use: certificates, credentials. Throws [BadConfig]
    /// for one that can't be read.
    void checkFiles();

    /// As [#openForWriting(CountDownLatch)], never stopped.
    default ObjectStore openForWriting() {
        return openForWriting(new CountDownLatch(1));
    }

    /// As [#openForReading(CountDownLatch)], never stopped.
    default ObjectStore openForReading() {
        return openForReading(new CountDownLatch(1));
    }

    /// A folder of this machine, or one that is mounted.
    ///
    /// @param root absolute, without `.` and `..`
    record Folder(Path root) implements StoreLocation {
        public Folder {
            root = place(root.toAbsolutePath());
        }

        /// What `..` leads to behind a link only the file system knows.
        private static Path place(Path absolute) {
            Path root = Objects.requireNonNull(absolute.getRoot());
            Path place = root;
            for (Path name : absolute) {
                switch (name.toString()) {
                    case "." -> {}
                    case ".." -> place = Objects.requireNonNullElse(real(place).getParent(), root);
                    default -> place = place.resolve(name);
                }
            }
            return place;
        }

        private static Path real(Path place) {
            try {
                return place.toRealPath();
            } catch (IOException _) {
                return place; // it is not there, so it is no link
            }
        }

        @Override
        public void checkFiles() {
            // it names none
        }

        @Override
        public ObjectStore openForWriting(CountDownLatch stop) {
            try {
                return FileObjectStore.openForWriting(root);
            } catch (IOException e) {
                throw FileFailures.explain(root, e).toSidecarException(toString());
            }
        }

        @Override
        public ObjectStore openForReading(CountDownLatch stop) {
            try {
                return FileObjectStore.openForReading(root);
            } catch (IOException e) {
                throw FileFailures.explain(root, e).toSidecarException(toString());
            }
        }

        /// Byte by byte, as Java's URI of a path is: no other form of it keeps a name that is not
        /// in Unicode's normal form. That one ends with a slash where the folder is there.
        @Override
        public String toString() {
            String path = root.toUri().getRawPath();
            boolean isMarked = path.length() > 1 && path.endsWith("/");
            return "file:" + (isMarked ? path.substring(0, path.length() - 1) : path);
        }
    }

    /// A bucket of S3, or of a server that speaks its protocol. Opening it makes no request; what
    /// is not there is found by the first one.
    record Bucket(S3Place place) implements StoreLocation {
        @Override
        public void checkFiles() {
            place.checkFiles();
        }

        @Override
        public ObjectStore openForWriting(CountDownLatch stop) {
            return S3ObjectStore.open(place, stop);
        }

        @Override
        public ObjectStore openForReading(CountDownLatch stop) {
            return S3ObjectStore.open(place, stop);
        }

        @Override
        public String toString() {
            return place.toString();
        }
    }

    /// A bucket of Google Cloud Storage, or of an emulator of it. Opened as a [Bucket] is.
    record GoogleBucket(GcsPlace place) implements StoreLocation {
        @Override
        public void checkFiles() {
            place.checkFiles();
        }

        @Override
        public ObjectStore openForWriting(CountDownLatch stop) {
            return GcsObjectStore.open(place, stop);
        }

        @Override
        public ObjectStore openForReading(CountDownLatch stop) {
            return GcsObjectStore.open(place, stop);
        }

        @Override
        public String toString() {
            return place.toString();
        }
    }

    private static Folder folder(String path, Path from) {
        try {
            return new Folder(from.resolve(readable(Path.of(path))));
        } catch (IllegalArgumentException e) {
            throw new BadConfig(
                    "not a path: " + e.getMessage(), "Name a folder, as in /srv/archive.");
        }
    }

    /// A name whose bytes are no text could be written, but not told of, nor found again.
    private static Path readable(Path path) {
        if (path.toString().indexOf('\uFFFD') >= 0) {
            throw new IllegalArgumentException("its bytes are not UTF-8");
        }
        return path;
    }

    private static Folder folderOf(String url) {
        try {
            return new Folder(readable(UrlPath.of(new URI(url))));
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw new BadConfig(
                    "not the URL of a folder: found " + url + " (" + e.getMessage() + ")",
                    "Write an absolute path after the scheme, as in file:/srv/archive, with spaces"
                            + " as %20.");
        }
    }
}
