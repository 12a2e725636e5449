package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.DatabaseImage;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.LoggedState;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Scratch;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// SIGKILL of Holdfast while it takes the first snapshot of a database of 60 MB, again and again,
/// beside an application that goes on committing: the next run goes on, by the WAL or, if that was
/// reset meanwhile, with a new history; in the end everything verifies. Replayed with `SEED=`.
final class FirstSnapshotKillTest {
    private static final int ROUNDS = 6;
    private static final long MB = 1 << 20;

    /// Much less than the whole: the kill comes in the midst on any machine.
    private static final long MOST_COPIED = 25 * MB;

    private static final long SEED = Long.getLong("seed", 1);

    private final SplittableRandom random = new SplittableRandom(SEED);

    @TempDir private Path folder;

    private Path database() {
        return folder.resolve("agent.db");
    }

    private Path archive() {
        return folder.resolve("archive");
    }

    @Test
    void aFirstSnapshotThatIsKilledAgainAndAgainIsTakenInTheEnd() throws IOException {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database(), SEED)) {
            writer.tell("open wal_autocheckpoint=0 images=5");
            writer.tell("run wide 1 15000");
            writer.tell("checkpoint TRUNCATE");
            assertThat(Files.size(database())).isGreaterThan(55 * MB);
            for (int round = 0; round < ROUNDS; round++) {
                killInTheMidst(writer, round);
                assertThat(snapshots()).as("snapshots after kill %d", round).isZero();
            }
            goOn(writer);
        }
    }

    private void killInTheMidst(Writer writer, int round) throws IOException {
        try (Replication replication = Replication.start(database(), archive())) {
            replication.awaitFollowing();
            writer.begin("run mixed 10");
            if (round % 2 == 0) {
                awaitCopied(random.nextLong(MOST_COPIED));
            } else {
                writer.awaitCommit(writer.last().n() + random.nextInt(1, 5));
            }
            replication.kill();
        }
        writer.awaitDone("run mixed 10");
        writer.tell("run chat 3");
    }

    /// Returns in the midst of the copy, if it comes to that.
    private void awaitCopied(long bytes) throws IOException {
        long deadline = System.nanoTime() + 120_000_000_000L;
        while (copiedBytes() < bytes && snapshots() == 0) {
            assertThat(System.nanoTime()).as("the copy has a deadline").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private long copiedBytes() throws IOException {
        long most = 0;
        try (Stream<Path> files = Files.list(archive().resolve(".tmp"))) {
            for (Path file : files.toList()) {
                most = Math.max(most, sizeOf(file));
            }
        }
        return most;
    }

    private static long sizeOf(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException _) {
            return 0; // it has its name now
        }
    }

    private long snapshots() throws IOException {
        Path snapshots = archive().resolve("snapshots");
        if (!Files.isDirectory(snapshots)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(snapshots)) {
            return files.count();
        }
    }

    private void goOn(Writer writer) {
        long snapshotTx;
        long newestTx;
        try (Replication replication = Replication.start(database(), archive())) {
            replication.awaitFollowing();
            snapshotTx = replication.awaitEvent("snapshot").number("tx");
            writer.tell("run mixed 20");
            replication.stop();
            newestTx = replication.events().getLast().number("durable_tx");
        }
        Scratch scratch = new Scratch(archive(), folder);
        List<LoggedState> states = writer.states();
        int restored = 0;
        for (long tx = newestTx; tx >= snapshotTx; tx--) {
            LoggedState wanted = states.get((int) (states.size() - 1 - (newestTx - tx)));
            if (wanted.image() != null) {
                assertThat(DatabaseImage.of(scratch.restore(tx)))
                        .as("pages of transaction %d, seed %d", tx, SEED)
                        .isEqualTo(wanted.image());
                restored++;
            }
        }
        assertThat(restored).isGreaterThan(2);
        Holdfast.assertGood(archive());
    }
}
