package dev.holdfast.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.failure.SidecarException.BadConfig;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Any text as the place of an archive, for `./dev fuzz location`: it is refused with what to do,
/// or told again, in printable ASCII, as a text that means the same place.
public final class LocationFuzz {
    private LocationFuzz() {}

    /// What the fuzzer calls.
    public static void fuzzerTestOneInput(byte[] input) {
        isRead(input);
    }

    /// Whether the input was taken for what it should be.
    static boolean isRead(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        StoreLocation location;
        try {
            location = StoreLocation.parse(text);
        } catch (BadConfig refused) {
            assertThat(refused.getMessage()).isNotBlank();
            assertThat(refused.remedy()).isNotBlank();
            return false;
        }
        String told = location.toString();
        assertThat(told).matches("[!-~]+");
        StoreLocation again = StoreLocation.parse(told);
        assertThat(again).isEqualTo(location);
        assertThat(again).hasToString(told);
        return true;
    }

    private static final String GOOGLE_BUCKET =
            "gs://my_bucket/agents/one?endpoint=https://storage.example:9000&project=a.b:c-1"
                    + "&ca=/etc/ssl/a%20b.pem&credentials=/run/secrets/a";

    /// Writes the seeds into a folder.
    public static void main(String[] folder) throws IOException {
        write(folder[0], "path", "./my archives/ü%20/../one");
        write(folder[0], "file-url", "file:///srv/my%20archive");
        write(
                folder[0],
                "bucket",
                "s3://bucket/agents/one?endpoint=https://minio.example:9000&region=eu-central-1"
                        + "&path-style=false&sse=aws:kms&kms-key=a%2Fb%25&storage-class=STANDARD_IA"
                        + "&ca=/etc/ssl/a%20b.pem&credentials=/run/secrets/a&profile=b");
        write(folder[0], "google-bucket", GOOGLE_BUCKET);
    }

    private static void write(String folder, String name, String text) throws IOException {
        Files.writeString(Path.of(folder, "seed-" + name), text);
    }
}
