package dev.holdfast.storage.s3;

import dev.holdfast.format.failure.SidecarException.BadConfig;
import dev.holdfast.storage.bucket.LocationOptions;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// How a bucket is reached, and how objects are kept in it. No secrets: those come from a file that
/// is named here, or from where the AWS tools have them.
///
/// @param endpoint a server that is not AWS, or a particular one of its addresses
/// @param isPathStyle whether the bucket stands in the path and not in the host's name
/// @param encryption the server's own: `AES256` or `aws:kms`
/// @param kmsKey the key for `aws:kms`; else the server chooses
/// @param ca absolute: a file with certificates (PEM), the only ones that are trusted
/// @param credentials absolute: a file in the form of the AWS tools' `credentials`
/// @param profile the part of that file, or of the AWS tools' own, that is meant
record S3Options(
        Optional<URI> endpoint,
        Optional<String> region,
        boolean isPathStyle,
        Optional<String> encryption,
        Optional<String> kmsKey,
        Optional<String> storageClass,
        Optional<Path> ca,
        Optional<Path> credentials,
        Optional<String> profile) {
    static final String ENDPOINT = "endpoint";
    static final String REGION = "region";
    static final String PATH_STYLE = "path-style";
    static final String ENCRYPTION = "sse";
    static final String KMS_KEY = "kms-key";
    static final String STORAGE_CLASS = "storage-class";
    static final String CA = "ca";
    static final String CREDENTIALS = "credentials";
    static final String PROFILE = "profile";

    static final List<String> NAMES =
            List.of(
                    ENDPOINT,
                    REGION,
                    PATH_STYLE,
                    ENCRYPTION,
                    KMS_KEY,
                    STORAGE_CLASS,
                    CA,
                    CREDENTIALS,
                    PROFILE);

    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    private static final String REGION_NAME = "[a-z]{2,}(?:-[a-z]+)+-\\d+";

    private static final String AES256 = "AES256";
    private static final String KMS = "aws:kms";

    /// What all of AWS's own addresses are: a bucket's name is its own in all regions. The label
    /// `s3` is not enough, as a machine of somebody's may be called so there.
    private static final String AWS = "aws";

    // AWS General Reference, "Amazon S3 endpoints and quotas": regional, dual-stack, FIPS,
    // accelerated and old forms, a bucket's own, and those of a VPC
    private static final Pattern AWS_HOST =
            Pattern.compile(
                    "(?:[a-z0-9.-]+\\.)?s3(?:-fips|-accelerate|-external-1|-REGION)?"
                                    .replace("REGION", REGION_NAME)
                            + "(?:\\.dualstack)?(?:\\.REGION)?(?:\\.vpce)?\\.amazonaws\\.com(?:\\.cn)?"
                                    .replace("REGION", REGION_NAME));

    /// Those that give an object at once: a restore can't wait for hours.
    private static final List<String> CLASSES =
            List.of(
                    "STANDARD",
                    "STANDARD_IA",
                    "ONEZONE_IA",
                    "INTELLIGENT_TIERING",
                    "GLACIER_IR",
                    "REDUCED_REDUNDANCY");

    /// @param values by their names as in a location; a value is never repeated in a message, as it
    ///   may be a secret in the wrong place
    /// @param from where a file that is not absolute is meant from
    static S3Options of(Map<String, String> values, Path from) {
        LocationOptions given = new LocationOptions("an s3:", NAMES, values, from);
        Optional<URI> endpoint = given.server(ENDPOINT, "https://minio.example:9000");
        Optional<String> encryption =
                given.value(ENCRYPTION).map(text -> oneOf(ENCRYPTION, text, List.of(AES256, KMS)));
        Optional<String> kmsKey = given.value(KMS_KEY);
        if (kmsKey.isPresent() && !encryption.equals(Optional.of(KMS))) {
            throw new BadConfig(
                    KMS_KEY + " is given without " + ENCRYPTION + "=" + KMS,
                    "Add " + ENCRYPTION + "=" + KMS + " to the location.");
        }
        return new S3Options(
                endpoint,
                given.value(REGION).map(S3Options::region),
                given.value(PATH_STYLE)
                        .map(text -> oneOf(PATH_STYLE, text, List.of("true", "false")))
                        .map(Boolean::parseBoolean)
                        .orElse(endpoint.isPresent()),
                encryption,
                kmsKey,
                given.value(STORAGE_CLASS).map(text -> oneOf(STORAGE_CLASS, text, CLASSES)),
                given.path(CA),
                given.path(CREDENTIALS),
                given.value(PROFILE).map(S3Options::profile));
    }

    /// Whose buckets are meant: the same for all ways to write an address.
    String server() {
        return endpoint.map(S3Options::server).orElse(AWS);
    }

    private static String server(URI endpoint) {
        boolean isTls = endpoint.getScheme().equals("https");
        int usual = isTls ? HTTPS : HTTP;
        int port = endpoint.getPort() < 0 ? usual : endpoint.getPort();
        String host = endpoint.getHost().toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
        return port == usual && AWS_HOST.matcher(host).matches() ? AWS : host + ":" + port;
    }

    S3Options inRegion(String name) {
        return new S3Options(
                endpoint,
                Optional.of(name),
                isPathStyle,
                encryption,
                kmsKey,
                storageClass,
                ca,
                credentials,
                profile);
    }

    private static String oneOf(String name, String value, List<String> allowed) {
        if (!allowed.contains(value)) {
            throw new BadConfig(
                    "the option " + name + " of an s3: location has a value that it can't have",
                    "Write one of " + allowed + ".");
        }
        return value;
    }

    private static String region(String text) {
        if (!text.matches("[a-z0-9-]{1,32}")) {
            throw new BadConfig(
                    "the option region of an s3: location is no region's name",
                    "Write it as in region=eu-central-1.");
        }
        return text;
    }

    /// What can stand between brackets in a line.
    private static String profile(String text) {
        if (!text.matches("[!-Z^-~]{1,128}")) {
            throw new BadConfig(
                    "the option profile of an s3: location is no profile's name",
                    "Write it as in profile=backup, without spaces and brackets.");
        }
        return text;
    }
}
