package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.Installation;
import dev.holdfast.tests.harness.Program;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A demo that is not watched to its end.
final class DemoStopTest {
    @TempDir private Path folder;

    /// A terminal's Ctrl-C is a signal to the agent, too; `kill` sends one to the demo alone.
    @ParameterizedTest
    @CsvSource({
        "INT, -, 130, on a real database",
        "TERM, '', 143, An agent works",
        "INT, -, 130, A bad prompt",
        "TERM, -, 143, kill -9",
    })
    void aDemoThatIsStoppedSaysSoAndLeavesNothing(
            String signal, String group, int exit, String moment) throws IOException {
        List<String> command = List.of("setsid", Installation.LAUNCHER.toString(), "demo");
        Map<String, String> variables = Map.of("HOLDFAST_JAVA_OPTS", "-Djava.io.tmpdir=" + folder);
        try (Program demo = Program.start("holdfast demo", folder, variables, command)) {
            demo.awaitLine(moment);
            Program.start("kill", folder, List.of("kill", "-" + signal, "--", group + demo.pid()))
                    .awaitExit();
            int found = demo.awaitExit();
            assertThat(demo.err()).isEmpty();
            // On a busy machine the last of the story may be told before the signal is sent
            boolean isTold = String.join("\n", demo.out()).contains("replicate agent.db --to");
            assertThat(found).isEqualTo(isTold ? 0 : exit);
            assertThat(demo.out().getLast()).startsWith(isTold ? "  holdfast verify" : "stopped;");
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).filteredOn(path -> path.toString().contains("demo")).isEmpty();
        }
    }
}
