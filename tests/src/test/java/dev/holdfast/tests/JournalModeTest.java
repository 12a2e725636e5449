package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.EveryTransaction;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.WalFrames;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/// Row 5 of the acceptance matrix, and whatever else leaves WAL mode or never was in it: what the
/// application sees of Holdfast then, and what Holdfast makes of it.
final class JournalModeTest {
    private static final int SOURCE_DATABASE = 20;

    // SQLite file format 1.3: write version and read version, 2 for WAL
    private static final int VERSIONS_OFFSET = 18;

    @TempDir private Path folder;

    /// No busy timeout helps against it, as SQLite does not wait for this lock; but the database
    /// stays in WAL mode, and an application that does not mind goes on.
    @ParameterizedTest
    @CsvSource({"PYTHON, DELETE", "PYTHON, MEMORY", "JDBC, DELETE"})
    void leavingWalModeWhileFollowedIsRefusedAtOnceAndHarmsNothing(WriterKind kind, String mode) {
        try (Writer writer = Writer.start(kind, database(), 1)) {
            writer.tell("open busy_timeout=60000");
            try (Replication replication = Replication.attach(database(), archive())) {
                writer.tell("run mixed 5");
                long start = System.nanoTime();
                assertThat(writer.tellInVain("query PRAGMA journal_mode=" + mode))
                        .contains("database is locked");
                assertThat((System.nanoTime() - start) / 1e9).isLessThan(60);
                writer.tell("run mixed 5");
                replication.stop();
            }
            new EveryTransaction(archive(), folder).assertHolds(writer.states(), 5);
            // Nobody else has it open now
            writer.tell("query PRAGMA journal_mode=" + mode);
        }
    }

    /// What the next run finds was written past any WAL.
    @Test
    void aDatabaseThatLeftWalModeBetweenTwoRunsBeginsAnew() {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database(), 1)) {
            writer.tell("open");
            followBriefly(writer);
            writer.tell("query PRAGMA journal_mode=DELETE");
            writer.tell("run mixed 5");
            writer.tell("change PRAGMA journal_mode=WAL");
            assertThat(followBriefly(writer)).isEqualTo("rebased");
            new EveryTransaction(archive(), folder).assertHolds(writer.states(), 5);
        }
    }

    /// Frames that were written while nobody else could read them are in the WAL like any others.
    /// It begins anew with them if the first run has had the time to copy it back: then the pages
    /// say that nothing is missing.
    @Test
    void aDatabaseThatWasLockedExclusivelyBetweenTwoRunsGoesOnWithoutAGap() throws IOException {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database(), 1)) {
            writer.tell("open");
            followBriefly(writer);
            WalFrames before = wal();
            writer.tell("query PRAGMA locking_mode=EXCLUSIVE");
            writer.tell("run mixed 5");
            writer.tell("query PRAGMA locking_mode=NORMAL");
            writer.tell("run touch 1");
            boolean isBegunAnew = !wal().isOfSameGeneration(before);
            assertThat(followBriefly(writer)).isEqualTo(isBegunAnew ? "pages" : "wal");
            new EveryTransaction(archive(), folder).assertHolds(writer.states(), 5);
        }
    }

    private WalFrames wal() throws IOException {
        return WalFrames.of(folder.resolve(database().getFileName() + "-wal"));
    }

    @Test
    void anotherPageSizeBetweenTwoRunsBeginsAnew() {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database(), 1)) {
            writer.tell("open page_size=1024");
            followBriefly(writer);
            writer.tell("query PRAGMA journal_mode=DELETE");
            writer.tell("query PRAGMA page_size=16384");
            writer.tell("query VACUUM");
            writer.tell("change PRAGMA journal_mode=WAL");
            assertThat(followBriefly(writer)).isEqualTo("rebased");
            assertThat(writer.tell("query PRAGMA page_size").number("value")).isEqualTo(16_384);
            new EveryTransaction(archive(), folder).assertHolds(writer.states(), 5);
        }
    }

    /// As it was before Holdfast came, an application that locks exclusively keeps others out;
    /// beside Holdfast it is the one that is kept out, as beside any other reader.
    @Test
    void anApplicationThatLocksExclusivelyIsKeptOutAndGoesOnWithoutIt() {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database(), 1)) {
            writer.tell("open busy_timeout=100");
            try (Replication replication = Replication.attach(database(), archive())) {
                writer.tell("run mixed 5");
                writer.tell("query PRAGMA locking_mode=EXCLUSIVE");
                assertThat(writer.tellInVain("run mixed 1")).contains("database is locked");
                writer.tell("close");
                writer.tell("open");
                writer.tell("run mixed 5");
                replication.stop();
            }
            new EveryTransaction(archive(), folder).assertHolds(writer.states(), 5);
        }
    }

    @Test
    void aHotJournalIsLeftToTheApplication() throws IOException {
        killInARollbackTransaction();
        byte[] before = Files.readAllBytes(database());
        Holdfast.Finished refused =
                Holdfast.run(folder, "replicate", "agent.db", "--to", "archive");
        assertThat(refused.exit()).isEqualTo(SOURCE_DATABASE);
        assertThat(refused.err("hint: ")).contains("whenever it connects");
        assertThat(Files.readAllBytes(database())).isEqualTo(before);
        assertThat(journal()).exists();
    }

    /// A machine that died in the midst of switching WAL on: the header says WAL already, and the
    /// journal takes it back.
    @Test
    void aHotJournalBesideADatabaseInWalModeIsLeftToTheApplication() throws IOException {
        killInARollbackTransaction();
        try (RandomAccessFile file = new RandomAccessFile(database().toFile(), "rw")) {
            file.seek(VERSIONS_OFFSET);
            file.write(new byte[] {2, 2});
        }
        byte[] before = Files.readAllBytes(database());
        try (Replication replication = Replication.start(database(), archive());
                Writer writer = Writer.start(WriterKind.PYTHON, database(), 2)) {
            assertThat(replication.awaitEvent("waiting").text("why")).contains("journal");
            assertThat(Files.readAllBytes(database())).isEqualTo(before);
            assertThat(journal()).exists();
            // Opening it rolls back, and switches WAL on
            writer.tell("open");
            replication.awaitFollowing();
            writer.tell("run mixed 5");
            replication.stop();
            new EveryTransaction(archive(), folder).assertHolds(writer.states(), 5);
        }
    }

    /// Leaves pages of a transaction in the file that never was committed.
    private void killInARollbackTransaction() {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database(), 1)) {
            writer.tell("open journal_mode=DELETE cache_size=5");
            writer.tell("run mixed 5");
            writer.tell("hang wide 200");
            writer.kill();
        }
        assertThat(journal()).isNotEmptyFile();
    }

    /// Returns how it was continued.
    private String followBriefly(Writer writer) {
        try (Replication replication = Replication.start(database(), archive())) {
            Json following = replication.awaitFollowing();
            writer.tell("run mixed 5");
            replication.stop();
            return following.text("continuity");
        }
    }

    private Path database() {
        return folder.resolve("agent.db");
    }

    private Path journal() {
        return folder.resolve("agent.db-journal");
    }

    private Path archive() {
        return folder.resolve("archive");
    }
}
