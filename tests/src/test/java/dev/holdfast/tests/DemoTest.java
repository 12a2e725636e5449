package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The first thing that anyone runs.
final class DemoTest {
    @TempDir private Path folder;

    @Test
    void restoresWhatWasBelievedBeforeTheBadPrompt() {
        Json result = Holdfast.lines(folder, "demo").getFirst();
        assertThat(result.number("durable_tx")).isEqualTo(result.number("commits"));
        assertThat(result.object("last").text("fact")).startsWith("unlimited");
        assertThat(result.object("last").number("audit_entries")).isZero();
        assertThat(result.object("before").text("fact")).startsWith("up to 100 EUR");
        assertThat(result.object("before").number("audit_entries")).isPositive();
        assertThat(result.decimal("durable_seconds_p50")).isPositive().isLessThan(1);
    }

    @Test
    void tellsItsStoryAndWhatToDoNextAndLeavesNothing() throws IOException {
        Holdfast.Finished finished =
                Holdfast.run(
                        folder, Map.of("HOLDFAST_JAVA_OPTS", "-Djava.io.tmpdir=" + folder), "demo");
        assertThat(finished.exit()).isZero();
        assertThat(String.join("\n", finished.out()))
                .contains("kill -9")
                .contains("page for page what SQLite finds")
                .contains("page for page what the agent")
                .contains("holdfast replicate agent.db --to archive");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).filteredOn(path -> path.toString().contains("demo")).isEmpty();
        }
        assertCommandsWork(finished.out());
    }

    /// On a database that is followed since this moment.
    private void assertCommandsWork(List<String> story) {
        Path database = folder.resolve("agent.db");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            try (Replication replication =
                    Replication.attach(database, folder.resolve("archive"))) {
                replication.awaitDurable(1);
                List<String> commands =
                        story.stream()
                                .filter(line -> line.startsWith("  holdfast "))
                                .filter(line -> !line.contains("replicate"))
                                .toList();
                assertThat(commands).hasSize(4);
                for (String command : commands) {
                    String words = command.replace("  holdfast", "set --");
                    Holdfast.Finished finished = Holdfast.runLimited(folder, words, "-");
                    assertThat(finished.exit()).as("%s: %s", command, finished).isZero();
                }
                replication.stop();
            }
        }
    }
}
