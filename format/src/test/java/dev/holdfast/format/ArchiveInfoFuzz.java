package dev.holdfast.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.failure.FormatException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Any bytes as archive.json, for `./dev fuzz archive-info`: what is read is exactly what would be
/// written. Each input is read as it is, and once more with the digest that its beginning would
/// have.
public final class ArchiveInfoFuzz {
    private ArchiveInfoFuzz() {}

    /// What the fuzzer calls.
    public static void fuzzerTestOneInput(byte[] input) {
        isRead(input);
    }

    /// Whether the input was taken for what it should be.
    static boolean isRead(byte[] input) {
        boolean isAsItIs = isGood(input);
        return isGood(sealed(input)) || isAsItIs;
    }

    private static byte[] sealed(byte[] input) {
        String text = new String(input, StandardCharsets.ISO_8859_1);
        int end = text.indexOf(",\"sha256\"");
        String body = end < 0 ? text : text.substring(0, end);
        byte[] bodyBytes = body.getBytes(StandardCharsets.ISO_8859_1);
        String whole = body + ",\"sha256\":\"" + Digest.of(ByteBuffer.wrap(bodyBytes)) + "\"}\n";
        return whole.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static boolean isGood(byte[] stored) {
        try {
            assertThat(ArchiveInfo.parse(stored).toBytes()).isEqualTo(stored);
            return true;
        } catch (FormatException refused) {
            assertThat(refused.object()).isEqualTo(ObjectNames.ARCHIVE_INFO);
            return false;
        }
    }

    /// Writes the seeds into a folder.
    public static void main(String[] folder) throws IOException {
        byte[] stored = new ArchiveInfo(new ArchiveId(1, 2), 1_760_000_000_123_456L).toBytes();
        Files.write(Path.of(folder[0], "seed-archive-json"), stored);
    }
}
