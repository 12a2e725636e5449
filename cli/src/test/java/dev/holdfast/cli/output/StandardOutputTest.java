package dev.holdfast.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

final class StandardOutputTest {
    @Test
    void aFullDiskIsRemembered() throws IOException {
        Assumptions.assumeTrue(Files.exists(Path.of("/dev/full")));
        try (OutputStream full = new FileOutputStream("/dev/full")) {
            StandardOutput output = new StandardOutput(full);
            print(output);
            assertThat(output.failure()).hasMessageContaining("No space left on device");
            assertThat(output.isReaderGone()).isFalse();
        }
    }

    @Test
    void aReaderThatWentAwayIsToldFromAnError() throws IOException {
        Process reader =
                new ProcessBuilder("sh", "-c", "exec 0<&-; echo closed; exec sleep 60").start();
        assertThat(reader.inputReader().readLine()).isEqualTo("closed");
        StandardOutput output = new StandardOutput(reader.getOutputStream());
        // The JDK puts a buffer before the pipe: more than fits in it.
        for (int i = 0; i < 10_000 && output.failure() == null; i++) {
            print(output);
        }
        assertThat(output.isReaderGone()).isTrue();
        reader.destroyForcibly();
    }

    @Test
    void whatArrivesIsNoFailure() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        StandardOutput output = new StandardOutput(bytes);
        print(output);
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("results\n");
        assertThat(output.failure()).isNull();
        assertThat(output.isReaderGone()).isFalse();
    }

    private static void print(StandardOutput output) {
        PrintStream stream = new PrintStream(output, true, StandardCharsets.UTF_8);
        stream.print("results\n");
    }
}
