package dev.holdfast.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DynamicTest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// The inputs of a module's fuzz targets, in `src/test/resources/fuzz/TARGET`: seeds that the
/// product's own writers wrote, and what `./dev fuzz` ever found.
///
/// Of most targets the first byte says what is done with the rest, which is as it would be stored.
public final class FuzzInputs {
    private static final String SEED = "seed-";

    private FuzzInputs() {}

    /// A fuzz target as the tests see it.
    public interface Target {
        /// Whether the input was taken for what it should be. Fails where it was taken wrongly.
        boolean isRead(byte[] input) throws IOException;
    }

    /// A test for each input: a seed must be read, anything else is judged by the target alone.
    public static Stream<DynamicTest> replay(String name, Target target) throws IOException {
        Path folder = Path.of("src/test/resources/fuzz", name);
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> inputs = files.sorted().toList();
            assertThat(inputs).as("inputs in %s", folder).isNotEmpty();
            return inputs.stream().map(input -> replay(input, target));
        }
    }

    private static DynamicTest replay(Path input, Target target) {
        String name = String.valueOf(input.getFileName());
        return DynamicTest.dynamicTest(
                name,
                () -> {
                    boolean isRead = target.isRead(Files.readAllBytes(input));
                    assertThat(isRead || !name.startsWith(SEED)).isTrue();
                });
    }

    /// What stands behind the first byte; sealed where its lowest bit asks for that, or hardly an
    /// input would come past the first checksum.
    public static byte[] stored(byte[] input, UnaryOperator<byte[]> sealed) {
        byte[] stored = Arrays.copyOfRange(input, 1, input.length);
        return (input[0] & 1) != 0 ? sealed.apply(stored) : stored;
    }

    /// Writes a seed: the first byte, and what is stored.
    public static void writeSeed(String folder, String name, int first, byte[] stored)
            throws IOException {
        byte[] input = ByteBuffer.allocate(stored.length + 1).put((byte) first).put(stored).array();
        Files.write(Path.of(folder, SEED + name), input);
    }
}
