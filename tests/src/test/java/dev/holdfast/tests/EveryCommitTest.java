package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.EveryTransaction;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.LoggedState;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Rows 2, 7 and 9 of the acceptance matrix, and the patterns that real agents write: every commit
/// is a restore point, page for page.
final class EveryCommitTest {
    private static final long SEED = Long.getLong("seed", 1);

    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({
        "PYTHON, page_size=4096",
        "JDBC,   page_size=4096",
        "PYTHON, page_size=512 auto_vacuum=2 cache_size=10",
        "JDBC,   page_size=65536",
        "PYTHON, page_size=1024 auto_vacuum=1 secure_delete=1 wal_autocheckpoint=20",
        "JDBC,   page_size=8192 auto_vacuum=2 wal_autocheckpoint=0 synchronous=OFF"
    })
    void everyTransactionOfAMixedRunIsRestorable(WriterKind kind, String settings) {
        Path database = folder.resolve("agent.db");
        try (Writer writer = Writer.start(kind, database, SEED);
                Replication replication = Replication.start(database, archive(), "--rto", "1s")) {
            writer.tell("open " + settings);
            replication.awaitFollowing();
            writer.tell("run mixed 60");
            writer.tell("run chat 20");
            writer.tell("run document 20");
            writer.tell("run audit 20");
            writer.tell("vacuum");
            writer.tell("run wide 1 100");
            writer.tell("hang wide 200");
            writer.tell("rollback");
            writer.tell("run narrow 1");
            writer.tell("run shrink 3 7");
            writer.tell("checkpoint TRUNCATE");
            writer.tell("run mixed 20");
            replication.stop();
            new EveryTransaction(archive(), folder).assertHolds(writer.states(), 100);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aThousandTimesOpenWriteCloseLosesNothing(WriterKind kind) {
        Path database = folder.resolve("agent.db");
        try (Writer writer = Writer.start(kind, database, SEED);
                Replication replication = Replication.start(database, archive())) {
            writer.tell("open");
            replication.awaitFollowing();
            writer.tell("run reconnect 1000");
            replication.stop();
            new EveryTransaction(archive(), folder).assertHolds(writer.states(), 1000);
        }
    }

    @ParameterizedTest
    @EnumSource
    void largeTransactionsAreAtomicInEveryRestore(WriterKind kind) {
        Path database = folder.resolve("agent.db");
        try (Writer writer = Writer.start(kind, database, SEED);
                Replication replication = Replication.start(database, archive())) {
            // A small cache: frames are spilled to the WAL long before the commit, and some twice
            writer.tell("open page_size=1024 cache_size=100");
            replication.awaitFollowing();
            writer.tell("run chat 3");
            writer.tell("run wide 1 400");
            writer.tell("hang wide 20000");
            writer.tell("rollback");
            writer.tell("run chat 1");
            writer.tell("run wide 1 100000");
            writer.tell("run chat 3");
            replication.stop();
            new EveryTransaction(archive(), folder).assertHolds(writer.states(), 9);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsStillInTheWalIsRestoredCompletely(WriterKind kind) throws IOException {
        Path database = folder.resolve("agent.db");
        try (Writer writer = Writer.start(kind, database, SEED)) {
            writer.tell("open wal_autocheckpoint=0");
            writer.tell("run mixed 40");
            assertThat(database).hasSize(4096);
            assertThat(Files.size(folder.resolve("agent.db-wal"))).isGreaterThan(100_000);
            try (Replication replication = Replication.attach(database, archive())) {
                replication.stop();
            }
            LoggedState newest = writer.last();
            Json restored =
                    Holdfast.lines(folder, "restore", "--from", "archive", "-o", "back.db")
                            .getFirst();
            assertThat(restored.number("bytes")).isEqualTo(newest.pages() * 4096);
            new EveryTransaction(archive(), folder).assertHolds(writer.states(), 1);
        }
    }

    private Path archive() {
        return folder.resolve("archive");
    }
}
