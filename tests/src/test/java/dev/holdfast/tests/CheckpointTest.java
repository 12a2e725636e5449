package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.EveryTransaction;
import dev.holdfast.tests.harness.LoggedState;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Row 3 of the acceptance matrix, and other checkpoints of the application beside ours: each
/// commit is captured, and the WAL stays bounded as soon as the application lets it.
final class CheckpointTest {
    private static final long SEED = Long.getLong("seed", 1);
    private static final long TRUNCATE_FROM = 1 << 20;
    private static final int ROUNDS = 12;
    private static final int READER_MINUTES =
            Integer.parseInt(System.getenv().getOrDefault("READER_MINUTES", "0"));

    @TempDir private Path folder;

    /// The application of row 3 does so from 64 MiB on.
    @ParameterizedTest
    @EnumSource
    void anApplicationThatCheckpointsByItselfHasNoGapAndABoundedWal(WriterKind kind)
            throws IOException {
        try (Writer writer = Writer.start(kind, database(), SEED);
                Replication replication = Replication.start(database(), archive())) {
            writer.tell("open wal_autocheckpoint=0 auto_vacuum=2 busy_timeout=30000");
            replication.awaitFollowing();
            long longest = 0;
            int truncated = 0;
            for (int round = 0; round < ROUNDS; round++) {
                writer.tell("run mixed 6");
                writer.tell("run wide 1 60");
                writer.tell("run narrow 1");
                writer.tell("run shrink 1 30");
                writer.tell("checkpoint PASSIVE");
                long length = Files.size(wal());
                longest = Math.max(longest, length);
                if (length > TRUNCATE_FROM) {
                    truncated += truncate(writer);
                }
            }
            replication.stop();
            assertThat(truncated).as("rounds in which the WAL was cut off").isPositive();
            assertThat(longest).as("the longest WAL").isLessThan(4 * TRUNCATE_FROM);
            List<LoggedState> states = writer.states();
            new EveryTransaction(archive(), folder).assertHolds(states, states.size() - 1);
        }
    }

    /// Returns 1 if the WAL is empty then. One that meets a checkpoint of ours is told so at once.
    private int truncate(Writer writer) throws IOException {
        boolean isBusy = writer.tell("checkpoint TRUNCATE").number("busy") != 0;
        if (!isBusy) {
            assertThat(wal()).isEmptyFile();
        }
        return isBusy ? 0 : 1;
    }

    @ParameterizedTest
    @EnumSource
    void checkpointsOfEachKindAtTheSameTimeAsEverythingLoseNothingInSilence(WriterKind kind) {
        try (Writer writer = Writer.start(kind, database(), SEED);
                Writer checkpointer = Writer.start(WriterKind.PYTHON, database(), SEED)) {
            writer.tell("open busy_timeout=60000");
            checkpointer.tell("open images=0 busy_timeout=200");
            try (Replication replication = Replication.attach(database(), archive())) {
                checkpointer.begin("checkpoints 400");
                writer.tell("run mixed 40");
                writer.tell("run wide 1 300");
                writer.tell("vacuum");
                writer.tell("run mixed 40");
                checkpointer.awaitDone("checkpoints 400");
                replication.stop();
                // A commit between two checkpoints that we were let go for can be gone: then a gap
                // is told
                long histories =
                        replication.events().stream()
                                .filter(event -> event.text("event").equals("following"))
                                .count();
                List<LoggedState> states = writer.states();
                new EveryTransaction(archive(), folder)
                        .assertHolds(states, histories == 1 ? states.size() - 1 : 1);
            }
        }
    }

    /// A read transaction that stays open keeps the WAL from being reset, ours or not. With
    /// `READER_MINUTES` in the environment it stays open for so many minutes more.
    @Test
    void aReaderOfAnOldSnapshotMakesTheWalGrowUntilItEnds() throws IOException {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database(), SEED);
                Writer reader = Writer.start(WriterKind.PYTHON, database(), SEED)) {
            writer.tell("open images=1 busy_timeout=0");
            reader.tell("open images=0");
            try (Replication replication = Replication.attach(database(), archive())) {
                writer.tell("run mixed 10");
                reader.tell("query BEGIN");
                long seen = reader.tell("query SELECT max(n) FROM _ledger").number("value");
                for (int round = 0; round < ROUNDS; round++) {
                    writer.tell("run wide 2 200");
                    writer.tell("run narrow 1");
                }
                for (int minute = 0; minute < READER_MINUTES; minute++) {
                    writer.tell("run touch 240 0 200");
                }
                replication.awaitDurable(writer.last().n());
                assertThat(Files.size(wal())).isGreaterThan(ROUNDS * 2 * 200 * 4096L);
                assertThat(writer.tell("checkpoint TRUNCATE").number("busy")).isEqualTo(1);
                assertThat(reader.tell("query SELECT max(n) FROM _ledger").number("value"))
                        .isEqualTo(seen);
                reader.tell("query COMMIT");
                awaitTruncated(writer);
                writer.tell("run mixed 10");
                replication.stop();
                assertThat(replication.events())
                        .extracting(event -> event.text("event"))
                        .doesNotContain("troubled");
            }
            int restored =
                    new EveryTransaction(archive(), folder)
                            .equals(writer.states(), 1 + 2 * READER_MINUTES);
            assertThat(restored).isGreaterThan(20);
        }
    }

    private void awaitTruncated(Writer writer) {
        long deadline = System.nanoTime() + 120_000_000_000L;
        while (writer.tell("checkpoint TRUNCATE").number("busy") != 0) {
            assertThat(System.nanoTime()).as("the WAL is cut off").isLessThan(deadline);
        }
    }

    private Path database() {
        return folder.resolve("agent.db");
    }

    private Path wal() {
        return folder.resolve("agent.db-wal");
    }

    private Path archive() {
        return folder.resolve("archive");
    }
}
