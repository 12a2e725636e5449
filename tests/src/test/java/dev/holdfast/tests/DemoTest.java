package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Json;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    void tellsItsStoryAndLeavesNothing() throws IOException {
        Holdfast.Finished finished =
                Holdfast.run(
                        folder, Map.of("HOLDFAST_JAVA_OPTS", "-Djava.io.tmpdir=" + folder), "demo");
        assertThat(finished.exit()).isZero();
        assertThat(String.join("\n", finished.out()))
                .contains("kill -9")
                .contains("page for page what SQLite finds")
                .contains("page for page what the agent")
                .contains("holdfast replicate agent.db --to");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).filteredOn(path -> path.toString().contains("demo")).isEmpty();
        }
    }
}
