package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.EveryTransaction;
import dev.holdfast.tests.harness.LoggedState;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.WalFrames;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Row 13 of the acceptance matrix: a writer that is killed after it wrote a commit to the WAL and
/// before it told the wal-index. Nobody sees that commit, and the next one is written over it;
/// unless everybody has died, and SQLite's recovery makes it real.
final class GhostCommitTest {
    private static final String OPEN = "open wal_autocheckpoint=0";

    @TempDir private Path folder;
    private Path database;
    private Path archive;

    @BeforeEach
    void nameFiles() {
        database = folder.resolve("agent.db");
        archive = folder.resolve("archive");
    }

    @Test
    void aCommitThatTheWalIndexNeverAcknowledgedIsNotShipped() throws IOException {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1);
                Writer reader = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell(OPEN);
            keepWal(reader);
            try (Replication replication = Replication.attach(database, archive)) {
                writer.tell("run mixed 5");
                writeGhost();
                // A stop reads all that there is; the ghost is not
                replication.stop();
            }
            try (Replication replication = Replication.attach(database, archive)) {
                assertThat(writer.states()).hasSize(6);
                // Written over by one that is smaller, and one that is larger
                writer.tell("run touch 1");
                writeGhost();
                writer.tell("run wide 1 50");
                replication.stop();
            }
            assertThat(new EveryTransaction(archive, folder).equals(writer.states())).isEqualTo(8);
        }
    }

    @Test
    void aCommitThatRecoveryMakesRealIsShipped() throws IOException {
        LoggedState made;
        List<LoggedState> states = new ArrayList<>();
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1);
                Writer reader = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell(OPEN);
            keepWal(reader);
            try (Replication replication = Replication.attach(database, archive)) {
                writer.tell("run mixed 5");
                made = writeGhost();
                replication.awaitDurable(6);
                replication.kill();
            }
            states.addAll(writer.states());
            reader.kill();
            writer.kill();
        }
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 2)) {
            writer.tell(OPEN);
            assertThat(writer.found()).isEqualTo(made);
            writer.tell("witness");
            try (Replication replication = Replication.start(database, archive)) {
                assertThat(replication.awaitFollowing().text("continuity")).isEqualTo("wal");
                writer.tell("run mixed 5");
                replication.stop();
            }
            states.addAll(writer.states());
        }
        assertThat(new EveryTransaction(archive, folder).equals(states)).isEqualTo(12);
    }

    /// A reader of the newest snapshot: not all can be copied back, and so the WAL is not reset.
    private static void keepWal(Writer reader) {
        reader.tell("open images=0");
        reader.tell("query BEGIN");
        reader.tell("query SELECT count(*) FROM _ledger");
    }

    /// What the next commit could be, made by SQLite itself on a copy of the database, and only its
    /// frames written. Returns the state that it would have led to.
    private LoggedState writeGhost() throws IOException {
        Path copy = Files.createTempDirectory(folder, "ghost").resolve("copy.db");
        Files.copy(database, copy);
        Files.copy(wal(database), wal(copy));
        WalFrames before = WalFrames.of(wal(copy));
        try (Writer writer = Writer.start(WriterKind.PYTHON, copy, 9)) {
            writer.tell(OPEN);
            writer.tell("run wide 1 3");
            WalFrames after = WalFrames.of(wal(copy));
            int last = before.commits().getLast();
            assertThat(after.count()).isGreaterThan(last);
            try (RandomAccessFile file = new RandomAccessFile(wal(database).toFile(), "rw")) {
                file.seek(after.offset(last + 1));
                file.write(after.after(last));
            }
            return writer.last();
        }
    }

    private static Path wal(Path database) {
        return database.resolveSibling(database.getFileName() + "-wal");
    }
}
