package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.restore.RestoreOutcome;
import dev.holdfast.restore.RestoreProgress;
import dev.holdfast.restore.RestoreRequest;
import dev.holdfast.restore.Restorer;
import dev.holdfast.restore.StateBeside;
import dev.holdfast.restore.Target;
import dev.holdfast.storage.FileObjectStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.tests.harness.DatabaseImage;
import dev.holdfast.tests.harness.EveryTransaction;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Scratch;
import dev.holdfast.tests.harness.SmallDisk;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/// Full disks, real ones: under each of the folders that Holdfast lives from while an application
/// writes, and under the file that a restore makes.
final class FullDiskTest {
    private static final int LOCAL_FILES = 21;

    @TempDir private Path folder;

    private Path database;
    private Path archive;

    @BeforeEach
    void name() {
        database = folder.resolve("agent.db");
        archive = folder.resolve("archive");
    }

    /// Each commit but the first, which may be part of what history begins with.
    private void assertAllIsThere(Writer writer, Path shipped) {
        assertThat(new EveryTransaction(shipped, folder).equals(writer.states()))
                .isGreaterThanOrEqualTo(writer.states().size() - 1);
    }

    @Test
    void underTheStateFolderIsToldAndWhatTheWalKeptIsShippedOnceThereIsRoom() {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 24);
                Writer writer = Writer.start(WriterKind.PYTHON, database, 1);
                Replication replication =
                        Replication.start(
                                database, archive, "--state", disk.resolve("state").toString())) {
            replication.awaitEvent("waiting");
            writer.tell("open");
            replication.awaitEvent("durable");
            disk.fill();
            writer.tell("run mixed 100");
            Json troubled = replication.awaitEvent("troubled");
            assertThat(troubled.text("error"))
                    .contains("the disk of " + disk.resolve("state") + " is nearly full");
            assertThat(troubled.text("hint")).startsWith("Make room on it");
            writer.tell("run mixed 50");
            disk.makeRoom();
            writer.tell("run mixed 5");
            replication.stop();
            assertAllIsThere(writer, archive);
        }
    }

    @Test
    void underTheArchiveIsToldAndAllIsShippedOnceThereIsRoom() throws IOException {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 4);
                Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            Path full = disk.resolve("archive");
            try (Replication replication = Replication.start(database, full)) {
                replication.awaitEvent("waiting");
                writer.tell("open");
                replication.awaitEvent("durable");
                disk.fill();
                writer.tell("run mixed 100");
                Json troubled = replication.awaitEvent("troubled");
                assertThat(troubled.text("error"))
                        .contains(full.toString())
                        .contains("No space left on device");
                assertThat(troubled.text("hint")).startsWith("Make room on the disk");
                disk.makeRoom();
                writer.tell("run mixed 5");
                replication.stop();
            }
            assertThat(full.resolve(".tmp")).isEmptyDirectory();
            assertAllIsThere(writer, full);
        }
    }

    @Test
    void underTheDatabaseIsNoReasonToLetGoOfIt() {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 24)) {
            Path crowded = disk.resolve("agent.db");
            String state = folder.resolve("state").toString();
            try (Writer writer = Writer.start(WriterKind.PYTHON, crowded, 1);
                    Replication replication =
                            Replication.start(crowded, archive, "--state", state)) {
                replication.awaitEvent("waiting");
                writer.tell("open wal_autocheckpoint=0");
                replication.awaitEvent("durable");
                // While the WAL grows nobody copies it back; then there is no room to
                replication.signal("STOP");
                writer.tell("run wide 3 300");
                disk.fill();
                replication.signal("CONT");
                Json troubled = replication.awaitEvent("troubled");
                assertThat(troubled.text("error")).contains("can't copy the WAL back");
                assertThat(troubled.text("hint")).startsWith("Make room on the disk of the data");
                disk.makeRoom();
                writer.tell("run mixed 20");
                replication.stop();
                assertThat(replication.events())
                        .filteredOn(event -> event.text("event").equals("following"))
                        .hasSize(1);
                assertAllIsThere(writer, archive);
            }
        }
    }

    /// Once its application is gone, nobody but Holdfast writes to the file.
    @Test
    void underADatabaseThatIsLeftAloneIsNotTakenForAnotherFile() {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 24)) {
            Path crowded = disk.resolve("agent.db");
            String state = folder.resolve("state").toString();
            try (Writer writer = Writer.start(WriterKind.PYTHON, crowded, 1);
                    Replication replication =
                            Replication.start(crowded, archive, "--state", state)) {
                replication.awaitEvent("waiting");
                writer.tell("open wal_autocheckpoint=0");
                replication.awaitEvent("durable");
                replication.signal("STOP");
                writer.tell("run wide 3 300");
                writer.kill();
                // Some of the pages can be copied back, not all
                disk.fillBut(8);
                replication.signal("CONT");
                replication.awaitEvent("troubled");
                Json again = replication.awaitEvent("troubled");
                assertThat(again.text("error")).contains("can't copy the WAL back");
                disk.makeRoom();
                replication.stop();
            }
        }
    }

    @Test
    void underDatabaseAndStateTogetherLosesNothingThatWasCommitted() {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 24)) {
            Path crowded = disk.resolve("agent.db");
            try (Writer writer = Writer.start(WriterKind.PYTHON, crowded, 1);
                    Replication replication = Replication.start(crowded, archive)) {
                replication.awaitEvent("waiting");
                writer.tell("open");
                replication.awaitEvent("durable");
                replication.signal("STOP");
                writer.tell("run mixed 50");
                disk.fill();
                replication.signal("CONT");
                awaitTrouble(replication, "is nearly full");
                disk.makeRoom();
                writer.tell("run mixed 20");
                replication.stop();
                assertAllIsThere(writer, archive);
            }
        }
    }

    /// There may be other trouble before.
    private static void awaitTrouble(Replication replication, String what) {
        String found;
        do {
            found = replication.awaitEvent("troubled").text("error");
        } while (!found.contains(what));
    }

    /// A twentieth of it is left, which is the application's: it works on, and its WAL begins anew.
    @Test
    void nearlyUnderDatabaseAndStateTogetherIsLeftToTheApplication() throws IOException {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 96)) {
            Path crowded = disk.resolve("agent.db");
            Path wal = disk.resolve("agent.db-wal");
            try (Writer writer = Writer.start(WriterKind.PYTHON, crowded, 1);
                    Replication replication = Replication.start(crowded, archive)) {
                replication.awaitEvent("waiting");
                writer.tell("open wal_autocheckpoint=0");
                replication.awaitEvent("durable");
                writer.tell("run wide 5 300");
                writer.tell("checkpoint TRUNCATE");
                replication.signal("STOP");
                writer.tell("run narrow 1");
                writer.tell("run wide 5 300");
                disk.fillBut(300);
                replication.signal("CONT");
                awaitTrouble(replication, "was let go of");
                writer.tell("checkpoint TRUNCATE");
                assertThat(Files.size(wal)).isZero();
                writer.tell("run mixed 10");
                disk.makeRoom();
                replication.awaitFollowing();
                writer.tell("run mixed 5");
                replication.stop();
                assertThat(new EveryTransaction(archive, folder).equals(writer.states()))
                        .isGreaterThanOrEqualTo(5);
            }
        }
    }

    @Test
    void underARestoreLeavesNothingBehind() throws IOException {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1);
                Replication replication = Replication.start(database, archive)) {
            replication.awaitEvent("waiting");
            writer.tell("open");
            replication.awaitFollowing();
            writer.tell("run wide 1 800");
            replication.stop();
        }
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 2)) {
            Path out = disk.resolve("back.db");
            Holdfast.Finished full =
                    Holdfast.run(
                            folder, "restore", "--from", archive.toString(), "-o", out.toString());
            assertThat(full.exit()).isEqualTo(LOCAL_FILES);
            assertThat(full.err("error: "))
                    .contains(out.resolveSibling(".back.db").toString())
                    .contains("No space left on device");
            assertThat(full.err("hint: ")).contains("room for the whole");
            try (Stream<Path> left = Files.list(disk.resolve("."))) {
                assertThat(left.toList()).isEqualTo(List.of());
            }
        }
    }

    /// One page of room more at a time, until there is enough.
    @Test
    void underARestoreAtAnyWriteLeavesNothingOrAllOfIt() throws IOException {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1);
                Replication replication = Replication.start(database, archive)) {
            replication.awaitEvent("waiting");
            writer.tell("open");
            replication.awaitFollowing();
            writer.tell("run mixed 5");
            replication.stop();
            String image = writer.states().getLast().image();
            try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 1)) {
                int failed = 0;
                int halfway = 0;
                boolean isWhole = false;
                for (int room = 0; !isWhole; room++) {
                    disk.fillBut(room);
                    Optional<RestoreOutcome.Restored> restored = restore(disk.resolve("back.db"));
                    isWhole =
                            restored.filter(done -> done.state() instanceof StateBeside.Left)
                                    .isPresent();
                    if (restored.isPresent()) {
                        halfway += isWhole ? 0 : 1;
                        assertThat(DatabaseImage.of(restored.get().out())).isEqualTo(image);
                        new Scratch(archive, disk.resolve("")).remove(restored.get().out());
                    } else {
                        failed++;
                    }
                    disk.makeRoom();
                    try (Stream<Path> left = Files.list(disk.resolve("."))) {
                        assertThat(left.toList()).as("with %d pages", room).isEqualTo(List.of());
                    }
                }
                assertThat(failed).isGreaterThan(10);
                assertThat(halfway).as("a database, and no room for its state").isPositive();
            }
        }
    }

    /// Empty if there was no room.
    private Optional<RestoreOutcome.Restored> restore(Path out) throws IOException {
        try (ObjectStore store = FileObjectStore.openForReading(archive)) {
            RestoreOutcome outcome =
                    new Restorer(
                                    store,
                                    InstantSource.system(),
                                    RestoreProgress.NONE,
                                    new CountDownLatch(1))
                            .restore(RestoreRequest.of(new Target.Latest(), out));
            return Optional.of((RestoreOutcome.Restored) outcome);
        } catch (SidecarException.LocalFiles _) {
            return Optional.empty();
        }
    }
}
