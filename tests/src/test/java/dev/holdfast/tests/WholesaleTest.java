package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.EveryTransaction;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

/// What an application does to a whole database at once, or to two of them: each is one transaction
/// like any other.
final class WholesaleTest {
    private static final long SEED = Long.getLong("seed", 1);

    @TempDir private Path folder;
    private Path database;
    private Path other;

    @BeforeEach
    void nameFiles() {
        database = folder.resolve("agent.db");
        other = folder.resolve("other.db");
    }

    /// Row 8 of the acceptance matrix.
    @Test
    void aVacuumToHalfTheSizeIsOneTransaction() {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, SEED)) {
            writer.tell("open cache_size=50");
            try (Replication replication = Replication.attach(database, archive("a"))) {
                writer.tell("run mixed 10");
                writer.tell("run wide 1 400");
                writer.tell("run chat 5");
                writer.tell("run narrow 1");
                long before = writer.last().pages();
                writer.tell("vacuum");
                assertThat(writer.last().pages()).isLessThan(before / 2);
                writer.tell("run mixed 10");
                writer.tell("run wide 1 400");
                replication.stop();
            }
            new EveryTransaction(archive("a"), folder).assertHolds(writer.states(), 28);
        }
    }

    /// As a restore of the application's own does it: `sqlite3_backup_step` replaces all pages.
    @Test
    void aBackupIntoTheFollowedDatabaseIsOneTransaction() {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, SEED);
                Writer source = Writer.start(WriterKind.PYTHON, other, SEED + 1)) {
            source.tell("open");
            source.tell("run mixed 10");
            writer.tell("open");
            try (Replication replication = Replication.attach(database, archive("a"))) {
                writer.tell("run mixed 10");
                writer.tell("backup " + other);
                assertThat(writer.last().n()).isEqualTo(source.last().n());
                writer.tell("run mixed 5");
                source.tell("run wide 1 300");
                writer.tell("backup " + other);
                writer.tell("run mixed 5");
                replication.stop();
            }
            new EveryTransaction(archive("a"), folder).assertHolds(writer.states(), 23);
        }
    }

    @Test
    void whatReadsAWholeDatabaseChangesNothing() {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, SEED)) {
            writer.tell("open");
            try (Replication replication = Replication.attach(database, archive("a"))) {
                writer.tell("run mixed 10");
                writer.tell("query VACUUM INTO '" + other + "'");
                writer.tell("query PRAGMA integrity_check");
                writer.tell("run mixed 1");
                replication.stop();
            }
            new EveryTransaction(archive("a"), folder).assertHolds(writer.states(), 12);
        }
    }

    /// SQLite makes such a transaction atomic for each file by itself, and no more than that.
    @Test
    void aTransactionOverTwoFollowedDatabasesIsOneOfEach() {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, SEED);
                Writer witness = Writer.start(WriterKind.PYTHON, other, SEED)) {
            writer.tell("open");
            witness.tell("open");
            try (Replication one = Replication.attach(database, archive("a"));
                    Replication two = Replication.attach(other, archive("b"))) {
                writer.tell("query ATTACH '" + other + "' AS other");
                for (int i = 0; i < 20; i++) {
                    writer.tell("query BEGIN");
                    writer.tell("query INSERT INTO chat (body) VALUES (hex(randomblob(3000)))");
                    writer.tell("query INSERT INTO other.chat (body) VALUES (randomblob(9000))");
                    writer.tell("change COMMIT");
                    witness.tell("witness");
                }
                one.stop();
                two.stop();
            }
            new EveryTransaction(archive("a"), folder).assertHolds(writer.states(), 21);
            new EveryTransaction(archive("b"), folder).assertHolds(witness.states(), 21);
        }
    }

    /// Two processes with two connections each, so that each commit is another one's.
    @Test
    void commitsOfSeveralConnectionsInTurnAreAllKept() {
        try (Writer one = Writer.start(WriterKind.PYTHON, database, SEED);
                Writer two = Writer.start(WriterKind.JDBC, database, SEED + 1)) {
            one.tell("open");
            two.tell("open wal_autocheckpoint=5 images=0");
            try (Replication replication = Replication.attach(database, archive("a"))) {
                for (int i = 0; i < 20; i++) {
                    two.tell("witness");
                    two.tell("run mixed 1");
                    one.tell("witness");
                    one.tell("run mixed 1");
                }
                replication.stop();
            }
            new EveryTransaction(archive("a"), folder).assertHolds(one.states(), 40);
        }
    }

    private Path archive(String name) {
        return folder.resolve(name);
    }
}
