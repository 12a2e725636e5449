package dev.holdfast.wal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

class SourceTest {
    private static final Path SOURCES = Path.of("src", "main", "java");

    /// A descriptor on the database or `-shm` that is opened here would be closed here, and take
    /// the locks of the process with it.
    @Test
    void onlyTheWalIsEverOpenedByPathAndNothingIsMapped() throws IOException {
        assertThat(filesWith("FileChannel.open(")).containsExactly("WalFile.java");
        for (String other : List.of("Files.", "FileInputStream", "RandomAccessFile", ".map(")) {
            assertThat(filesWith(other)).as(other).isEmpty();
        }
    }

    private static List<String> filesWith(String text) throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> contains(file, text))
                    .map(file -> file.getFileName().toString())
                    .toList();
        }
    }

    private static boolean contains(Path file, String text) {
        try {
            return Files.readString(file).contains(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
