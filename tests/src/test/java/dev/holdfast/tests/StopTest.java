package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.EveryTransaction;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How `replicate` ends: what was committed is shipped first, and the exit code says whether it
/// was.
final class StopTest {
    private static final int NOT_DURABLE = 32;

    @TempDir private Path folder;
    private Path database = Path.of("");
    private Path archive = Path.of("");

    @BeforeEach
    void nameFiles() {
        database = folder.resolve("agent.db");
        archive = folder.resolve("archive");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP"})
    void aSignalShipsTheRestFirst(String signal) {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            try (Replication replication = Replication.attach(database, archive)) {
                writer.tell("run mixed 40");
                // At once, so that most of it can't be durable yet
                replication.signal(signal);
                assertThat(replication.awaitEnd().exit()).isZero();
                Json stopped = replication.events().getLast();
                assertThat(stopped.text("event")).isEqualTo("stopped");
                assertThat(stopped.flag("all_durable")).isTrue();
            }
            assertThat(new EveryTransaction(archive, folder).equals(writer.states()))
                    .isGreaterThan(40);
        }
    }

    @Test
    void aStopBeforeThereIsADatabaseIsAStop() {
        try (Replication replication = Replication.start(database, archive)) {
            replication.awaitEvent("waiting");
            replication.stop();
        }
        assertThat(database).doesNotExist();
    }

    @Test
    void whatDoesNotBecomeDurableInTheGraceTimeIsSaidAndShippedByTheNextRun() throws IOException {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            try (Replication replication = Replication.attach(database, archive, "--grace", "1s")) {
                replication.awaitEvent("snapshot");
                takeStoreAway();
                writer.tell("run mixed 20");
                replication.awaitEvent("troubled");
                replication.signal("TERM");
                Holdfast.Finished finished = replication.awaitEnd();
                assertThat(finished.exit()).isEqualTo(NOT_DURABLE);
                assertThat(finished.err("error: "))
                        .contains("transactions ")
                        .contains("are not in the archive yet; the last trouble: ");
                assertThat(finished.err("hint: ")).contains("Start replicate again");
            }
            giveStoreBack();
            try (Replication replication = Replication.attach(database, archive)) {
                replication.stop();
            }
            assertThat(new EveryTransaction(archive, folder).equals(writer.states()))
                    .isGreaterThan(20);
        }
    }

    @Test
    void aSecondSignalEndsItAtOnce() throws IOException {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            try (Replication replication =
                    Replication.attach(database, archive, "--grace", "10m")) {
                replication.awaitEvent("snapshot");
                takeStoreAway();
                writer.tell("run mixed 20");
                replication.awaitEvent("troubled");
                replication.signal("TERM");
                replication.awaitEvent("stopping");
                // One that follows too soon is taken for an echo of the first
                replication.signalUntilItEnds("TERM");
                Holdfast.Finished finished = replication.awaitEnd();
                assertThat(finished.exit()).isEqualTo(NOT_DURABLE);
                assertThat(finished.err("error: ")).contains("second signal");
            }
            giveStoreBack();
            try (Replication replication = Replication.attach(database, archive)) {
                replication.stop();
            }
            assertThat(new EveryTransaction(archive, folder).equals(writer.states()))
                    .isGreaterThan(20);
        }
    }

    @Test
    void aReaderOfItsOutputThatGoesAwayDoesNotStopIt() {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            try (Replication replication =
                    Replication.startInto("exec head -n 1 >&2", database, archive)) {
                // It has printed a line, which was all that its reader wanted
                replication.awaitErr("\"event\":\"started\"");
                writer.tell("run mixed 20");
                replication.signal("TERM");
                assertThat(replication.awaitEnd().exit()).isZero();
            }
            assertThat(new EveryTransaction(archive, folder).equals(writer.states()))
                    .isGreaterThan(20);
        }
    }

    /// Puts a file where the archive's folder was: the store can't be reached.
    private void takeStoreAway() throws IOException {
        Files.move(archive, folder.resolve("elsewhere"));
        Files.writeString(archive, "not a folder");
    }

    private void giveStoreBack() throws IOException {
        Files.delete(archive);
        Files.move(folder.resolve("elsewhere"), archive);
    }
}
