package dev.holdfast.storage.s3;

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

/// A bucket and a prefix in it: `s3://bucket/prefix?option=value&option=value`.
///
/// `toString` gives that URL, always the same for the same place, without secrets.
///
/// @param prefix of all names, without a slash at either end; empty for the whole bucket
public record S3Place(String bucket, String prefix, S3Options options) {
    // Amazon S3, "General purpose bucket naming rules"
    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");

    private static final BucketUrl.Kind KIND =
            new BucketUrl.Kind(
                    "s3",
                    "an s3:",
                    BUCKET,
                    "3 to 63 lower-case letters, digits, dots and hyphens, with a letter or digit"
                            + " at both ends",
                    "s3://bucket/prefix?region=eu-central-1");

    /// Throws [BadConfig] for what is no such URL. A file that is not absolute is meant from the
    /// working directory.
    public static S3Place parse(String url) {
        return parse(url, Path.of(""));
    }

    /// As [#parse(String)], of a URL that stands in a file.
    ///
    /// @param from where files that are not absolute are meant from
    public static S3Place parse(String url, Path from) {
        BucketUrl parts = BucketUrl.parse(KIND, url);
        return new S3Place(parts.bucket(), parts.prefix(), S3Options.of(parts.options(), from));
    }

    /// The names of all options that such a URL can have.
    public static List<String> optionNames() {
        return S3Options.NAMES;
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
        S3Credentials.checkFile(options);
        if (options.ca().isPresent()) {
            TrustManager[] _ = LocationFiles.trusting(options.ca().get());
        }
    }

    /// Whether this is the other, or one lies in the other.
    public boolean overlaps(S3Place other) {
        return bucket.equals(other.bucket)
                && options.server().equals(other.options.server())
                && LocationOptions.overlap(prefix, other.prefix);
    }

    /// Whether this lies in a bucket of Google's by S3's protocol: the same one has a location that
    /// begins with `gs:` too.
    public boolean isAtGoogle() {
        return options.endpoint()
                .map(server -> server.getHost().endsWith(".googleapis.com"))
                .orElse(false);
    }

    private String withoutOptions() {
        return "s3://" + bucket + (prefix.isEmpty() ? "" : "/" + prefix);
    }

    @Override
    public String toString() {
        return LocationOptions.url(withoutOptions(), given());
    }

    /// This with another region, and all other options as they are.
    S3Place inRegion(String region) {
        return new S3Place(bucket, prefix, options.inRegion(region));
    }

    /// What is not as it is by default.
    private Map<String, String> given() {
        Map<String, String> given = new LinkedHashMap<>();
        options.endpoint().ifPresent(uri -> given.put(S3Options.ENDPOINT, uri.toString()));
        options.region().ifPresent(region -> given.put(S3Options.REGION, region));
        if (options.isPathStyle() != options.endpoint().isPresent()) {
            given.put(S3Options.PATH_STYLE, String.valueOf(options.isPathStyle()));
        }
        options.encryption().ifPresent(sse -> given.put(S3Options.ENCRYPTION, sse));
        options.kmsKey().ifPresent(key -> given.put(S3Options.KMS_KEY, key));
        options.storageClass().ifPresent(name -> given.put(S3Options.STORAGE_CLASS, name));
        options.ca().ifPresent(file -> given.put(S3Options.CA, file.toString()));
        options.credentials().ifPresent(file -> given.put(S3Options.CREDENTIALS, file.toString()));
        options.profile().ifPresent(name -> given.put(S3Options.PROFILE, name));
        return given;
    }
}
