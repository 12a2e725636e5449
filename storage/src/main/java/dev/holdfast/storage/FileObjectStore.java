package dev.holdfast.storage;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/// Objects as files of a folder: `log/0000000000000001.seg` is that file under the root.
/// [ArchiveFolder] says how one is created.
///
/// Needs a file system with hard links. A name can't be both an object and the beginning of others'
/// (`a` and `a/b`). What does not follow [StoreNames], or is no regular file, is not an object,
/// whoever put it there.
public final class FileObjectStore implements ObjectStore {
    /// How long the next page may come from the reading that gave the one before. A reader who goes
    /// page by page through a million objects needs milliseconds between them; one who comes back
    /// later wants what is new.
    private static final Duration LISTING_KEPT = Duration.ofSeconds(5);

    private final Path root;
    private final @Nullable ArchiveFolder folder;
    private final LongSupplier nanoTime;
    private final AtomicReference<@Nullable Continued> continued = new AtomicReference<>();

    /// @param folder none for one who only reads
    FileObjectStore(Path root, @Nullable ArchiveFolder folder, LongSupplier nanoTime) {
        this.root = root;
        this.folder = folder;
        this.nanoTime = nanoTime;
    }

    /// Makes the folder, with those above it, if it is not there. What was made is removed again by
    /// [#close] if nothing was stored.
    public static FileObjectStore openForWriting(Path root) throws IOException {
        return openForWriting(root, FileActions.REAL);
    }

    static FileObjectStore openForWriting(Path root, FileActions files) throws IOException {
        Path absolute = root.toAbsolutePath();
        try {
            return new FileObjectStore(
                    absolute, ArchiveFolder.open(absolute, files), System::nanoTime);
        } catch (IOException e) {
            throw FileFailures.explain(absolute, e);
        }
    }

    /// The folder must be there. Nothing in it is changed: creating and deleting are a caller's
    /// mistake.
    public static FileObjectStore openForReading(Path root) throws IOException {
        FileObjectStore store = new FileObjectStore(root.toAbsolutePath(), null, System::nanoTime);
        store.checkThere();
        return store;
    }

    @Override
    public CreateOutcome create(String name, ObjectBody body) throws IOException {
        try (FileUpload upload = FileUpload.begin(root, writable(), path(name))) {
            upload.write(body);
            return upload.commit();
        }
    }

    @Override
    public ObjectUpload upload(String name) throws IOException {
        return FileUpload.begin(root, writable(), path(name));
    }

    @Override
    public ReadOutcome read(String name, long offset, ByteBuffer into) throws IOException {
        if (offset < 0) {
            throw new IllegalArgumentException("offset " + offset);
        }
        Path file = path(name);
        try {
            return FileKind.of(file) == FileKind.FILE
                    ? read(file, offset, into)
                    : new ReadOutcome.NotFound();
        } catch (NoSuchFileException _) {
            checkThere();
            return new ReadOutcome.NotFound();
        } catch (IOException e) {
            throw FileFailures.explain(root, e);
        }
    }

    private static ReadOutcome read(Path file, long offset, ByteBuffer into) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long bytes = channel.size();
            int wanted = Math.clamp(bytes - offset, 0, into.remaining());
            int limit = into.limit();
            into.limit(into.position() + wanted);
            try {
                fill(into, channel, offset);
            } finally {
                into.limit(limit);
            }
            return new ReadOutcome.Read(wanted, bytes);
        }
    }

    private static void fill(ByteBuffer into, FileChannel channel, long offset) throws IOException {
        long next = offset;
        while (into.hasRemaining()) {
            int count = channel.read(into, next);
            if (count < 0) {
                throw new IOException("the file was cut off at " + next + " while it was read");
            }
            next += count;
        }
    }

    @Override
    public ListPage list(String prefix, @Nullable String startAfter, int limit) throws IOException {
        StoreNames.checkPrefix(prefix);
        StoreNames.checkLimit(limit);
        String start = startAfter == null ? "" : startAfter;
        try {
            Continued kept = continued.getAndSet(null);
            if (kept == null
                    || !kept.listing.continuesWith(prefix, start)
                    || nanoTime.getAsLong() > kept.until) {
                long until = nanoTime.getAsLong() + LISTING_KEPT.toNanos();
                kept = new Continued(FolderListing.begin(root, prefix, start), until);
                if (kept.listing.isEmpty()) {
                    checkThere(); // "nothing" and "could not look" are not the same
                }
            }
            ListPage page = kept.listing.page(limit);
            if (page.isTruncated()) {
                continued.set(kept);
            }
            return page;
        } catch (IOException e) {
            throw FileFailures.explain(root, e);
        }
    }

    /// Is not forced: a file that comes back after a loss of power is one that is deleted later.
    @Override
    public DeleteOutcome delete(String name) throws IOException {
        ArchiveFolder writable = writable();
        Path file = path(name);
        if (Files.isDirectory(file)) {
            return new DeleteOutcome.NotFound();
        }
        try {
            writable.files().delete(file);
            return new DeleteOutcome.Deleted();
        } catch (NoSuchFileException _) {
            checkThere();
            return new DeleteOutcome.NotFound();
        } catch (AccessDeniedException e) {
            return new DeleteOutcome.Retained("permission denied: " + e.getFile());
        } catch (IOException e) {
            if (FileFailures.explain(root, e) instanceof StoreException.Denied denied) {
                return new DeleteOutcome.Retained(String.valueOf(denied.getMessage()));
            }
            throw FileFailures.explain(root, e);
        }
    }

    @Override
    public String location() {
        return new StoreLocation.Folder(root).toString();
    }

    @Override
    public void close() {
        continued.set(null);
        if (folder != null) {
            folder.removeUnused();
        }
    }

    private Path path(String name) {
        return root.resolve(StoreNames.check(name));
    }

    private ArchiveFolder writable() {
        if (folder == null) {
            throw new IllegalStateException(location() + " was opened for reading");
        }
        return folder;
    }

    private void checkThere() throws IOException {
        if (Files.exists(root) && !Files.isDirectory(root)) {
            throw FileFailures.explain(root, new NotDirectoryException(root.toString()));
        }
        boolean isThere = folder == null ? Files.isDirectory(root) : folder.isThere();
        if (!isThere) {
            throw FileFailures.notThere(root, new NoSuchFileException(root.toString()));
        }
    }

    /// A listing of which more was asked for; by whoever takes it, once.
    private record Continued(FolderListing listing, long until) {}
}
