package dev.holdfast.storage.bucket;

import dev.holdfast.format.failure.SidecarException.BadConfig;
import dev.holdfast.storage.StoreNames;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The parts of a bucket's location, `scheme://bucket/prefix?option=value&option=value`.
///
/// @param prefix of all names, without a slash at either end; empty for the whole bucket
/// @param options as they stand there
public record BucketUrl(String bucket, String prefix, Map<String, String> options) {
    /// A kind of bucket.
    ///
    /// @param called as messages call its locations: `an s3:`
    /// @param names of its buckets
    /// @param wanted what those are, in words
    /// @param example of a location
    public record Kind(String scheme, String called, Pattern names, String wanted, String example) {
        private Matcher parts(String url) {
            String path = "://([^/?#@]*)(?:/([^?#]*))?(?:\\?([^#]*))?";
            return Pattern.compile("(?i:" + scheme + ")" + path).matcher(url);
        }

        private String remedy() {
            return "Write it as in " + example + ".";
        }
    }

    /// Throws [BadConfig] for what is no such URL.
    public static BucketUrl parse(Kind kind, String url) {
        Matcher parts = kind.parts(url);
        // Not repeated: somebody may have written a key into it, and half of those have a slash
        if (!parts.matches() || url.split("\\?", 2)[0].contains("@")) {
            throw new BadConfig("not the URL of a bucket and a prefix in it", kind.remedy());
        }
        String bucket = parts.group(1);
        if (bucket.contains(":")) {
            throw new BadConfig("not the name of a bucket: there is a colon in it", kind.remedy());
        }
        if (!kind.names().matcher(bucket).matches()) {
            throw new BadConfig(
                    "not the name of a bucket: found \"" + bucket + "\", wanted " + kind.wanted(),
                    kind.remedy());
        }
        String prefix = parts.group(2) == null ? "" : parts.group(2).replaceFirst("/$", "");
        if (!prefix.isEmpty() && !StoreNames.isValid(prefix)) {
            throw new BadConfig(
                    "not a prefix for an archive: found \"" + prefix + "\" in bucket " + bucket,
                    "Use letters, digits, . _ and -, with a slash between parts, none of which"
                            + " begins with a dot.");
        }
        String options = parts.group(3) == null ? "" : parts.group(3);
        return new BucketUrl(bucket, prefix, LocationOptions.values(kind.called(), options));
    }
}
