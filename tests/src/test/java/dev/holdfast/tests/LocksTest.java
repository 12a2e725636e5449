package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.EveryTransaction;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.LoggedState;
import dev.holdfast.tests.harness.ProcLocks;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Row 16 of the acceptance matrix, at run time: nothing that Holdfast does drops SQLite's locks of
/// its process. POSIX drops them all when any descriptor on the file is closed, without an error;
/// then the next application to exit deletes the WAL, and commits with it.
final class LocksTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource
    void locksOnDatabaseAndWalIndexLastAsLongAsItFollows(WriterKind kind) {
        Path database = folder.resolve("agent.db");
        Path archive = folder.resolve("archive");
        try (Writer writer = Writer.start(kind, database, 1)) {
            // Larger than what is read at once while pinned: the snapshot is a copy of a moving
            // file
            writer.tell("open images=0");
            writer.tell("run wide 2 4000");
            try (Replication replication = Replication.attach(database, archive, "--rto", "1ms")) {
                ProcLocks locks = new ProcLocks(replication.pid());
                assertLocked(locks, database);
                writer.tell("run mixed 5");
                Holdfast.lines(folder, "status", database.toString());
                assertLocked(locks, database);
                replication.awaitEvent("snapshot");
                assertLocked(locks, database);
                writer.tell("checkpoint PASSIVE");
                writer.tell("run wide 3 3000");
                writer.tell("vacuum");
                replication.awaitEvent("snapshot");
                assertLocked(locks, database);
                assertThat(folder.resolve("agent.db-wal")).exists();
                replication.stop();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void anApplicationThatExitsDoesNotTakeTheWalWithIt(WriterKind kind) {
        Path database = folder.resolve("agent.db");
        Path archive = folder.resolve("archive");
        List<LoggedState> states = new ArrayList<>();
        try (Writer first = Writer.start(kind, database, 1);
                Replication replication = Replication.start(database, archive)) {
            first.tell("open");
            replication.awaitFollowing();
            first.tell("run mixed 20");
            Holdfast.lines(folder, "status", database.toString());
            first.exit();
            states.addAll(first.states());
            assertThat(folder.resolve("agent.db-wal")).exists();
            assertLocked(new ProcLocks(replication.pid()), database);
            try (Writer second = Writer.start(kind, database, 2)) {
                second.tell("open");
                second.tell("run mixed 20");
                second.exit();
                states.addAll(second.states());
            }
            replication.stop();
        }
        assertThat(new EveryTransaction(archive, folder).equals(states)).isGreaterThan(40);
    }

    private static void assertLocked(ProcLocks locks, Path database) {
        // Three connections share one lock a file, as POSIX counts by process
        assertThat(locks.on(database)).as("locks on the database").isNotEmpty();
        assertThat(locks.on(Path.of(database + "-shm"))).as("locks on -shm").isNotEmpty();
    }
}
