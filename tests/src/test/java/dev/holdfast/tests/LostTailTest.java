package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.DatabaseImage;
import dev.holdfast.tests.harness.EveryTransaction;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.LoggedState;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Scratch;
import dev.holdfast.tests.harness.WalFrames;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Power loss under the application's WAL: with `synchronous=NORMAL` its tail can be lost, and what
/// is written then has the same salts and frame numbers. What was captured before stays as it was,
/// what comes after is a new history, and no transaction is a mixture of both.
final class LostTailTest {
    private static final String OPEN = "open wal_autocheckpoint=0 synchronous=NORMAL";
    private static final String COPIED_BACK = "open wal_autocheckpoint=0 synchronous=OFF";

    @TempDir private Path folder;

    /// How much of the WAL is gone.
    enum Loss {
        HALF,
        THE_LAST_COMMIT_TORN,
        ALL;

        long kept(WalFrames wal) {
            List<Integer> commits = wal.commits();
            return switch (this) {
                case HALF -> wal.offset(commits.get(commits.size() / 2) + 1);
                case THE_LAST_COMMIT_TORN -> wal.offset(commits.getLast()) + 600;
                case ALL -> 0;
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTailThatIsLostAndWrittenAnewIsNoticed(Loss loss) throws IOException {
        List<LoggedState> before = followAndLosePower();
        cutWal(loss.kept(WalFrames.of(wal())));
        try (Writer writer = Writer.start(WriterKind.PYTHON, database(), 2)) {
            writer.tell(OPEN);
            // Longer than what was lost: the place where the log ends is written over
            writer.tell("run mixed 30");
            assertBeginsAnew(writer);
        }
        assertStillThere(before);
    }

    /// The machine is up again, and Holdfast before the application.
    @ParameterizedTest
    @EnumSource
    void aTailThatIsLostIsNoticedBeforeAnythingIsWritten(Loss loss) throws IOException {
        List<LoggedState> before = followAndLosePower();
        cutWal(loss.kept(WalFrames.of(wal())));
        try (Replication replication = Replication.attach(database(), archive());
                Writer writer = Writer.start(WriterKind.PYTHON, database(), 2)) {
            writer.tell(OPEN);
            writer.tell("run mixed 12");
            replication.stop();
            assertThat(new EveryTransaction(archive(), folder).equals(writer.states()))
                    .isGreaterThanOrEqualTo(12);
        }
        assertThat(history("rebase")).isEqualTo(1);
        assertStillThere(before);
    }

    /// The tail that was lost is short, and what was written after it is just as long.
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void atTheSameLengthTheChecksumTells(int commits) throws IOException {
        List<LoggedState> before = followAndLosePower("run touch 10");
        WalFrames lost = WalFrames.of(wal());
        List<Integer> ends = lost.commits();
        cutWal(lost.offset(ends.get(ends.size() - 1 - commits) + 1));
        try (Writer writer = Writer.start(WriterKind.PYTHON, database(), 2)) {
            writer.tell(OPEN);
            for (int i = 0; i < commits; i++) {
                writer.tell("hang touch");
                writer.tell("query UPDATE _ledger SET pattern = 'other' WHERE n = 3");
                writer.tell("commit");
            }
            WalFrames again = WalFrames.of(wal());
            assertThat(again.count()).isEqualTo(lost.count());
            assertThat(again.after(0)).isNotEqualTo(lost.after(0));
            assertBeginsAnew(writer);
        }
        assertStillThere(before);
    }

    /// With `synchronous=OFF` the file can have what its WAL has lost.
    @ParameterizedTest
    @EnumSource
    void aTailThatIsLostAfterItWasCopiedBackIsNoticed(Loss loss) throws IOException {
        List<LoggedState> before;
        try (Writer writer = Writer.start(WriterKind.PYTHON, database(), 1)) {
            writer.tell(COPIED_BACK);
            writer.tell("checkpoint TRUNCATE");
            try (Replication replication = Replication.attach(database(), archive())) {
                writer.tell("run mixed 12");
                awaitCopiedBack(writer);
                before = losePower(writer, replication);
            }
        }
        cutWal(loss.kept(WalFrames.of(wal())));
        try (Writer writer = Writer.start(WriterKind.PYTHON, database(), 2)) {
            writer.tell(COPIED_BACK);
            writer.tell("change PRAGMA user_version = 5");
            if (loss == Loss.ALL) {
                // All of it is in the file: nothing is lost
                assertThat(followAgain(writer)).isEqualTo("pages");
                assertThat(history("rebase")).isZero();
            } else {
                assertBeginsAnew(writer);
            }
        }
        assertStillThere(before);
    }

    /// Ours or the writer's own checkpoint; one that meets the other does nothing.
    private static void awaitCopiedBack(Writer writer) {
        Json done = writer.tell("checkpoint PASSIVE");
        long deadline = System.nanoTime() + 120_000_000_000L;
        while (done.number("copied") != done.number("frames") || done.number("busy") != 0) {
            assertThat(System.nanoTime()).as("all is copied back").isLessThan(deadline);
            done = writer.tell("checkpoint PASSIVE");
        }
    }

    @Test
    void theWalOfAnEarlierGenerationPutBackIsNotAppended() throws IOException {
        List<LoggedState> before;
        Path earlier = folder.resolve("earlier");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database(), 1)) {
            writer.tell(OPEN + " busy_timeout=60000");
            writer.tell("checkpoint TRUNCATE");
            try (Replication replication = Replication.attach(database(), archive())) {
                writer.tell("run mixed 12");
                Files.copy(wal(), earlier);
                writer.tell("checkpoint TRUNCATE");
                writer.tell("run mixed 12");
                awaitCopiedBack(writer);
                before = losePower(writer, replication);
            }
        }
        Files.delete(wal());
        Files.copy(earlier, wal());
        Files.deleteIfExists(folder.resolve("agent.db-shm"));
        try (Writer writer = Writer.start(WriterKind.PYTHON, database(), 2)) {
            writer.tell(OPEN);
            assertBeginsAnew(writer);
        }
        assertStillThere(before);
    }

    @Test
    void saltsThatComeAgainAreNoProof() throws IOException {
        List<LoggedState> before = followAndLosePower();
        WalFrames captured = WalFrames.of(wal());
        try (Writer writer = Writer.start(WriterKind.PYTHON, database(), 2)) {
            writer.tell(OPEN);
            writer.tell("checkpoint TRUNCATE");
            writer.tell("run mixed 30");
            writer.kill();
        }
        WalFrames next = WalFrames.of(wal());
        assertThat(next.count()).isGreaterThan(captured.count());
        next.withSaltsOf(captured).writeTo(wal());
        Files.deleteIfExists(folder.resolve("agent.db-shm"));
        try (Writer writer = Writer.start(WriterKind.PYTHON, database(), 3)) {
            writer.tell(OPEN);
            // SQLite believes these frames
            assertThat(writer.found().n()).isGreaterThan(before.getLast().n());
            writer.tell("run mixed 1");
            assertBeginsAnew(writer);
        }
        assertStillThere(before);
    }

    /// What the application had written back is lost, and the WAL that had it was reset: the live
    /// database is damaged. What was captured is what was committed.
    @Test
    void aPageThatTheDatabaseFileLostIsStillInTheArchive() throws IOException {
        List<LoggedState> before;
        byte[] old = new byte[4096];
        try (Writer writer = Writer.start(WriterKind.PYTHON, database(), 1)) {
            writer.tell("open");
            writer.tell("checkpoint TRUNCATE");
            readPage(2, old);
            try (Replication replication = Replication.attach(database(), archive())) {
                writer.tell("run mixed 12");
                awaitCopiedBack(writer);
                before = losePower(writer, replication);
            }
        }
        byte[] now = new byte[4096];
        readPage(2, now);
        assertThat(now).isNotEqualTo(old);
        try (RandomAccessFile file = new RandomAccessFile(database().toFile(), "rw")) {
            file.seek(4096);
            file.write(old);
        }
        try (Replication replication = Replication.attach(database(), archive(), "--rto", "1s")) {
            replication.stop();
        }
        assertStillThere(before);
    }

    private void readPage(int number, byte[] page) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(database().toFile(), "r")) {
            file.seek((number - 1) * 4096L);
            file.readFully(page);
        }
    }

    private List<LoggedState> followAndLosePower() {
        return followAndLosePower("run mixed 12");
    }

    /// Nothing is copied back after the first commit, as SQLite forces the WAL before it does so:
    /// what is in the file can't be lost.
    private List<LoggedState> followAndLosePower(String command) {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database(), 1);
                Writer reader = Writer.start(WriterKind.PYTHON, database(), 1)) {
            writer.tell(OPEN);
            writer.tell("checkpoint TRUNCATE");
            reader.tell("open images=0");
            reader.tell("query BEGIN");
            reader.tell("query SELECT count(*) FROM _ledger");
            try (Replication replication = Replication.attach(database(), archive())) {
                writer.tell(command);
                return losePower(writer, replication);
            }
        }
    }

    /// Once all of it is durable, so that it must stay restorable.
    private static List<LoggedState> losePower(Writer writer, Replication replication) {
        // The first one is the base
        List<LoggedState> states = writer.states().subList(1, writer.states().size());
        replication.awaitDurable(1 + states.size());
        replication.kill();
        writer.kill();
        return states;
    }

    private void cutWal(long bytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(wal().toFile(), "rw")) {
            file.setLength(bytes);
        }
        Files.deleteIfExists(folder.resolve("agent.db-shm"));
    }

    /// Returns how it was continued.
    private String followAgain(Writer writer) {
        try (Replication replication = Replication.start(database(), archive())) {
            Json following = replication.awaitFollowing();
            writer.tell("run mixed 10");
            replication.stop();
            return following.text("continuity");
        }
    }

    private void assertBeginsAnew(Writer writer) {
        assertThat(followAgain(writer)).isEqualTo("rebased");
        assertThat(new EveryTransaction(archive(), folder).equals(writer.states()))
                .isGreaterThanOrEqualTo(10);
        assertThat(history("rebase")).isEqualTo(1);
    }

    /// Those that were durable before the power was lost, the first history of the archive.
    private void assertStillThere(List<LoggedState> states) {
        Scratch scratch = new Scratch(archive(), folder);
        for (int i = 0; i < states.size(); i++) {
            Path restored = scratch.restore(2 + i);
            assertThat(DatabaseImage.of(restored))
                    .as("transaction %d", 2 + i)
                    .isEqualTo(states.get(i).image());
            scratch.remove(restored);
        }
        Holdfast.assertGood(archive());
    }

    private long history(String kind) {
        return Holdfast.lines(folder, "history", "--from", "archive").stream()
                .filter(entry -> entry.text("kind").equals(kind))
                .count();
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
