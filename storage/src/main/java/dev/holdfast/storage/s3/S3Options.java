package dev.holdfast.storage.s3;

import dev.holdfast.format.failure.SidecarException.BadConfig;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    private static final int MAX_PORT = 65_535;

    private static final String AES256 = "AES256";
    private static final String KMS = "aws:kms";

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
        for (String name : values.keySet()) {
            if (!NAMES.contains(name)) {
                throw new BadConfig(
                        "no option of an s3: location is called \"" + name + "\"",
                        "Write " + nearest(name) + "=…, or leave it out; there are " + NAMES + ".");
            }
        }
        Optional<URI> endpoint = value(values, ENDPOINT).map(S3Options::endpoint);
        Optional<String> encryption =
                value(values, ENCRYPTION)
                        .map(text -> oneOf(ENCRYPTION, text, List.of(AES256, KMS)));
        Optional<String> kmsKey = value(values, KMS_KEY);
        if (kmsKey.isPresent() && !encryption.equals(Optional.of(KMS))) {
            throw new BadConfig(
                    KMS_KEY + " is given without " + ENCRYPTION + "=" + KMS,
                    "Add " + ENCRYPTION + "=" + KMS + " to the location.");
        }
        return new S3Options(
                endpoint,
                value(values, REGION).map(S3Options::region),
                value(values, PATH_STYLE)
                        .map(text -> oneOf(PATH_STYLE, text, List.of("true", "false")))
                        .map(Boolean::parseBoolean)
                        .orElse(endpoint.isPresent()),
                encryption,
                kmsKey,
                value(values, STORAGE_CLASS).map(text -> oneOf(STORAGE_CLASS, text, CLASSES)),
                value(values, CA).map(text -> path(CA, text, from)),
                value(values, CREDENTIALS).map(text -> path(CREDENTIALS, text, from)),
                value(values, PROFILE).map(S3Options::profile));
    }

    private static Optional<String> value(Map<String, String> values, String name) {
        Optional<String> value = Optional.ofNullable(values.get(name));
        if (value.isPresent() && value.get().isEmpty()) {
            throw new BadConfig(
                    "the option " + name + " of an s3: location is empty",
                    "Write " + name + "=…, or leave it out.");
        }
        return value;
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

    private static URI endpoint(String text) {
        try {
            URI uri = new URI(text);
            boolean isHttp = List.of("http", "https").contains(String.valueOf(uri.getScheme()));
            boolean isBare =
                    List.of("", "/").contains(String.valueOf(uri.getPath()))
                            && uri.getQuery() == null
                            && uri.getFragment() == null
                            && uri.getUserInfo() == null
                            && uri.getPort() != 0
                            && uri.getPort() <= MAX_PORT;
            if (isHttp && isBare && uri.getHost() != null) {
                return new URI(uri.getScheme(), uri.getAuthority(), null, null, null);
            }
        } catch (URISyntaxException _) {
            // said below
        }
        throw new BadConfig(
                "the option endpoint of an s3: location is not the URL of a server",
                "Write scheme and host, as in endpoint=https://minio.example:9000.");
    }

    private static Path path(String name, String text, Path from) {
        try {
            return from.resolve(text).toAbsolutePath().normalize();
        } catch (InvalidPathException _) {
            throw new BadConfig(
                    "the option " + name + " of an s3: location is no path",
                    "Name a file, as in " + name + "=/etc/holdfast/" + name + ".");
        }
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

    /// The name that is meant, most likely.
    private static String nearest(String name) {
        return NAMES.stream()
                .min(Comparator.comparingInt(known -> distance(name, known)))
                .orElseThrow();
    }

    /// Letters to insert, remove or replace.
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j - 1], diagonal) + 1);
            }
        }
        return row[b.length()];
    }
}
