package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// What `./dev fuzz` starts from here, and all that it ever found, replayed. The seeds are read to
/// their end; anything else is judged by its target.
final class FuzzInputsTest {
    private static Stream<Path> inputs(String target) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/fuzz", target))) {
            return files.sorted().toList().stream();
        }
    }

    private static boolean isSeed(Path input) {
        return String.valueOf(input.getFileName()).startsWith("seed-");
    }

    static Stream<Path> spools() throws IOException {
        return inputs("spool");
    }

    @ParameterizedTest
    @MethodSource("spools")
    void aSpoolFileIsBelievedAsFarAsItIsWhole(Path input) throws IOException {
        boolean isRead = SpoolFuzz.isRead(Files.readAllBytes(input));
        assertThat(isRead || !isSeed(input)).isTrue();
    }
}
