package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.DatabaseImage;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Program;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// `flush`, beside a replicate whose budget of uploads is used up.
final class FlushCommandTest {
    private static final int LOCAL_FILES = 21;
    private static final int NOT_DURABLE = 32;

    @TempDir private Path folder;

    private Path database;
    private Path archive;

    @BeforeEach
    void place() {
        database = folder.resolve("agent.db");
        archive = folder.resolve("archive");
    }

    private Replication follow() {
        return Replication.attach(database, archive, "--uploads-per-second", "0.001");
    }

    private Holdfast.Finished flush(String... options) {
        return Holdfast.run(
                folder,
                Stream.concat(Stream.of("flush", "agent.db"), Stream.of(options))
                        .toArray(String[]::new));
    }

    private List<String> requestsLeft() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(".agent.db-holdfast"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("flush"))
                    .toList();
        }
    }

    @Test
    void whatWasFlushedOutlivesTheHost() throws IOException {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            try (Replication replication = follow()) {
                writer.tell("run chat 300");
                Json flushed = flush("--json").json();
                String image = writer.last().image();
                writer.tell("run chat 1");
                replication.kill();
                assertThat(requestsLeft()).isEmpty();
                Path restored = folder.resolve("restored.db");
                Json result =
                        Holdfast.lines(
                                        folder,
                                        "restore",
                                        "--from",
                                        "archive",
                                        "--tx",
                                        Long.toString(flushed.number("durable_tx")),
                                        "-o",
                                        restored.toString())
                                .getFirst();
                assertThat(result.number("tx")).isEqualTo(flushed.number("durable_tx"));
                assertThat(DatabaseImage.of(restored)).isEqualTo(image);
            }
            try (Replication replication = follow()) {
                Holdfast.Finished flushed = flush();
                assertThat(flushed.exit()).isZero();
                assertThat(flushed.out().getFirst())
                        .startsWith("all is durable, up to transaction ");
                replication.stop();
            }
        }
    }

    @Test
    void withoutAReplicateNothingIsClaimed() throws IOException {
        Holdfast.Finished never = flush();
        assertThat(never.exit()).isEqualTo(LOCAL_FILES);
        assertThat(never.err("error: ")).contains("no replicate has followed agent.db");

        List<?> states = Replication.follow("run chat 1", database, archive);
        assertThat(states).isNotEmpty();
        Holdfast.Finished none = flush();
        assertThat(none.exit()).isEqualTo(NOT_DURABLE);
        assertThat(none.err("error: "))
                .isEqualTo("error: no replicate is running for agent.db: nothing was asked for");
        assertThat(none.err("hint: ")).isEqualTo("hint: Start replicate: it ships what waits.");
        assertThat(requestsLeft()).isEmpty();
    }

    @Test
    void theStateFolderOfAnotherDatabaseIsRefused() throws IOException {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            writer.tell("run chat 1");
            try (Replication replication = follow()) {
                Files.copy(database, folder.resolve("other.db"));
                Holdfast.Finished other =
                        Holdfast.run(folder, "flush", "other.db", "--state", ".agent.db-holdfast");
                assertThat(other.exit()).isEqualTo(LOCAL_FILES);
                assertThat(other.err("error: "))
                        .startsWith(
                                "error: the state folder .agent.db-holdfast is of another"
                                        + " database:");
                Files.createSymbolicLink(folder.resolve("link.db"), database);
                Holdfast.Finished linked =
                        Holdfast.run(folder, "flush", "link.db", "--state", ".agent.db-holdfast");
                assertThat(linked.exit()).isZero();
                replication.stop();
            }
        }
    }

    @Test
    void aReplicateThatDoesNotAnswerIsGivenUp() throws IOException {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            writer.tell("run chat 1");
            try (Replication replication = follow()) {
                replication.awaitDurable(1);
                replication.signal("STOP");
                Holdfast.Finished late = flush("--timeout", "500ms");
                assertThat(late.exit()).isEqualTo(NOT_DURABLE);
                assertThat(late.err("error: "))
                        .isEqualTo(
                                "error: not all that is committed became durable within the time"
                                        + " given");
                assertThat(requestsLeft()).isEmpty();

                try (Program waiting = Holdfast.start(folder, "flush", "agent.db")) {
                    while (requestsLeft().isEmpty()) {
                        assertThat(waiting.isAlive()).isTrue();
                        LockSupport.parkNanos(5_000_000);
                    }
                    replication.kill();
                    assertThat(waiting.awaitExit()).isEqualTo(NOT_DURABLE);
                    assertThat(waiting.err().getFirst())
                            .isEqualTo(
                                    "error: no replicate is running for agent.db: it ended before"
                                            + " all was durable");
                }
                assertThat(requestsLeft()).isEmpty();
            }
        }
    }
}
