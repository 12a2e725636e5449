package dev.holdfast.storage;

import static dev.holdfast.storage.StoreRequests.ascii;
import static dev.holdfast.storage.StoreRequests.body;
import static dev.holdfast.storage.StoreRequests.readAll;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.Writer;
import java.nio.file.Path;

final class TwoProcessesTest {
    private static final int NAMES = 300;
    private static final long STEP_NANOS = 50_000;

    @TempDir private Path root;

    @Test
    void everyNameGoesToExactlyOneOfTwoProcesses() throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                RacingCreator.class.getName(),
                                root.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (FileObjectStore store = FileObjectStore.openForWriting(root);
                Writer names = process.outputWriter();
                BufferedReader answers = process.inputReader()) {
            int ours = 0;
            long headStart = 0;
            for (int i = 0; i < NAMES; i++) {
                String name = "log/%016x.seg".formatted(i + 1);
                names.append(name).append('\n').flush();
                spin(headStart);
                boolean isOurs =
                        store.create(name, body(ascii("ours"))) instanceof CreateOutcome.Created;
                assertThat(answers.readLine()).as(name).isEqualTo(String.valueOf(!isOurs));
                assertThat(readAll(store, name))
                        .isEqualTo(ascii(isOurs ? "ours" : RacingCreator.CONTENT));
                ours += isOurs ? 1 : 0;
                // Whoever lost gets a little more time, so that the two meet at the same moment on
                // any machine.
                headStart = Math.max(0, headStart + (isOurs ? STEP_NANOS : -STEP_NANOS));
            }
            assertThat(ours).as("names that this process got").isBetween(1, NAMES - 1);
        } finally {
            process.destroyForcibly();
        }
    }

    private static void spin(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }
}
