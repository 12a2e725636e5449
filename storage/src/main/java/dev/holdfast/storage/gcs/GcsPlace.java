package dev.holdfast.storage.gcs;

import dev.holdfast.format.failure.SidecarException.BadConfig;
import dev.holdfast.storage.bucket.BucketUrl;
import dev.holdfast.storage.bucket.LocationFiles;
import dev.holdfast.storage.bucket.LocationOptions;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import javax.net.ssl.TrustManager;

/// A bucket and a prefix in it: `gs://bucket/prefix?option=value&option=value`.
///
/// `toString` gives that URL, always the same for the same place, without secrets.
///
/// @param prefix of all names, without a slash at either end; empty for the whole bucket
public record GcsPlace(String bucket, String prefix, GcsOptions options) {
    // Cloud Storage, "Bucket names"
    private static final Pattern BUCKET = Pattern.compile("[a-z0-9](?:[a-z0-9_.-]{1,220})[a-z0-9]");

    private static final BucketUrl.Kind KIND =
            new BucketUrl.Kind(
                    "gs",
                    "a gs:",
                    BUCKET,
                    "3 to 63 (with dots 222) lower-case letters, digits, dots, hyphens and"
                            + " underscores, with a letter or digit at both ends",
                    "gs://bucket/prefix");

    /// Throws [BadConfig] for what is no such URL. A file that is not absolute is meant from the
    /// working directory.
    public static GcsPlace parse(String url) {
        return parse(url, Path.of(""));
    }

    /// As [#parse(String)], of a URL that stands in a file.
    ///
    /// @param from where files that are not absolute are meant from
    public static GcsPlace parse(String url, Path from) {
        BucketUrl parts = BucketUrl.parse(KIND, url);
        return new GcsPlace(parts.bucket(), parts.prefix(), GcsOptions.of(parts.options(), from));
    }

    /// The names of all options that such a URL can have.
    public static List<String> optionNames() {
        return GcsOptions.NAMES;
    }

    /// An object's key.
    String key(String name) {
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    /// The name of the object with this key, which begins with that of the prefix.
    String name(String key) {
        return prefix.isEmpty() ? key : key.substring(prefix.length() + 1);
    }

    /// Looks at the files that are named. Throws [BadConfig] for one that can't be read.
    public void checkFiles() {
        GcsAccess.checkFile(options);
        if (options.ca().isPresent()) {
            TrustManager[] _ = LocationFiles.trusting(options.ca().get());
        }
    }

    /// Whether this is the other, or one lies in the other.
    public boolean overlaps(GcsPlace other) {
        boolean isSameServer =
                options.server().equals(other.options.server())
                        || (options.isGoogle() && other.options.isGoogle());
        return isSameServer
                && bucket.equals(other.bucket)
                && LocationOptions.overlap(prefix, other.prefix);
    }

    /// As [#overlaps], of a place in a bucket of Google's that is reached in another way.
    public boolean overlapsAtGoogle(String otherBucket, String otherPrefix) {
        return options.isGoogle()
                && bucket.equals(otherBucket)
                && LocationOptions.overlap(prefix, otherPrefix);
    }

    private String withoutOptions() {
        return "gs://" + bucket + (prefix.isEmpty() ? "" : "/" + prefix);
    }

    @Override
    public String toString() {
        Map<String, String> given = new LinkedHashMap<>();
        options.endpoint().ifPresent(uri -> given.put(GcsOptions.ENDPOINT, uri.toString()));
        options.project().ifPresent(project -> given.put(GcsOptions.PROJECT, project));
        options.ca().ifPresent(file -> given.put(GcsOptions.CA, file.toString()));
        options.credentials().ifPresent(file -> given.put(GcsOptions.CREDENTIALS, file.toString()));
        boolean isPlain = options.server().getScheme().equals("http");
        if (options.isAnonymous() && !isPlain) {
            given.put(GcsOptions.CREDENTIALS, GcsOptions.NONE);
        }
        return LocationOptions.url(withoutOptions(), given);
    }
}
