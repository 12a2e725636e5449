package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.CrashingFiles;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.FileActions;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.LimitedDisk;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.archive.LogEnd;
import dev.holdfast.storage.archive.TestArchive;
import dev.holdfast.storage.state.LogPoint;
import dev.holdfast.storage.state.SavedPages;
import dev.holdfast.storage.state.StateFolder;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/// A start that claims an archive, and a loss of power after any of its actions: the next start
/// knows its claim again, or finds that there is none. Replayed with `seed`.
final class ClaimCrashTest {
    private static final PageSize PAGE_SIZE = new PageSize(512);
    private static final WriterId RIVAL = new WriterId(5);

    /// Of one moment of the loss, each with another part of what was not forced.
    private static final int TRIES = 3;

    private final long seed = Long.getLong("seed", System.nanoTime());
    @TempDir private Path folder;
    private InMemoryObjectStore store = new InMemoryObjectStore();

    /// What is done before the start that claims, by a process that dies of no loss of power.
    private interface Before {
        void prepare(Path root, FileActions files) throws IOException;
    }

    private LogStart start(Path root, FileActions files, boolean isTakeOver) throws IOException {
        FollowerOptions plain =
                FollowedDatabase.options(folder.resolve("app.db"), root.resolve("state"));
        FollowerOptions options = isTakeOver ? FollowedDatabase.takingOver(plain) : plain;
        try (StateFolder state = StateFolder.open(options.state(), files);
                Spool spool = Spool.open(state.spool(), files)) {
            return LogStart.find(List.of(store), state, spool, options, Timekeeper.system());
        }
    }

    @Test
    void whoTakesOverWithNothingKnowsItsClaimAgain() throws IOException {
        loseAtEachAction(
                (_, _) -> {
                    store = new InMemoryObjectStore();
                    try (TestArchive archive = new TestArchive(store, 5, PAGE_SIZE, Codec.ZSTD)) {
                        archive.rebase(RebaseReason.FIRST, 3);
                        archive.ship();
                    }
                },
                true,
                false);
    }

    @Test
    void whoTakesOverWithASpoolOfAnEndedLogKnowsItsClaimAgain() throws IOException {
        loseAtEachAction(this::writeAndBeFenced, true, false);
    }

    @Test
    void whoGoesOnAfterARestoreKnowsItsClaimAndThePagesAgain() throws IOException {
        loseAtEachAction(this::restore, false, true);
    }

    /// Five segments in the spool, of which the first two are stored, and then those of another.
    private void writeAndBeFenced(Path root, FileActions files) throws IOException {
        store = new InMemoryObjectStore();
        LogStart start = start(root, files, false);
        try (Spool spool = Spool.open(root.resolve("state/spool"), files);
                LogWriter log = TestSpool.logWriter(start, spool)) {
            for (int i = 0; i < 5; i++) {
                TestSpool.addBase(log);
            }
            for (SpoolEntry entry : List.copyOf(spool.from(1)).subList(0, 2)) {
                ObjectBody body =
                        ObjectBody.of(
                                entry.file().channel(),
                                entry.offset(),
                                entry.header().storedLength());
                assertThat(store.create(ObjectNames.log(entry.seq()), body))
                        .isInstanceOf(CreateOutcome.Created.class);
            }
        }
        StoredLog.claim(store, RIVAL);
    }

    private void restore(Path root, FileActions files) throws IOException {
        store = new InMemoryObjectStore();
        try (TestArchive archive = new TestArchive(store, 5, PAGE_SIZE, Codec.ZSTD);
                StateFolder state = StateFolder.open(root.resolve("state"), files)) {
            archive.rebase(RebaseReason.FIRST, 3);
            archive.ship();
            SegmentHeader last = archive.segment(1);
            PageMap pages = new PageMap(PAGE_SIZE);
            pages.resize(3);
            state.savePages(
                    new SavedPages(
                            archive.info().id(),
                            new LogPoint(1, archive.digest(1), last.lastTx(), last.lastMicros()),
                            PAGE_SIZE,
                            pages,
                            ByteBuffer.allocate(0)));
        }
    }

    private void loseAtEachAction(Before before, boolean isTakeOver, boolean isKnown)
            throws IOException {
        System.getLogger(getClass().getName()).log(System.Logger.Level.INFO, "seed=" + seed);
        int lost = 0;
        int claimed = 0;
        boolean isDone = false;
        for (int actions = 0; !isDone; actions++) {
            for (int i = 0; i < TRIES; i++) {
                SplittableRandom random = new SplittableRandom(seed + (long) actions * TRIES + i);
                Path root = Files.createDirectory(folder.resolve("at-" + actions + "-" + i));
                Path after = Files.createDirectory(folder.resolve("after-" + actions + "-" + i));
                CrashingFiles files = new CrashingFiles(root, actions);
                boolean isPrepared = false;
                try {
                    before.prepare(root, files);
                    isPrepared = true;
                    assertThat(start(root, files, isTakeOver)).isNotNull();
                    isDone = true;
                } catch (CrashingFiles.PowerLost _) {
                    lost++;
                }
                if (isPrepared) {
                    files.crash(random, after);
                    claimed += isClaimedAfter(after, isTakeOver, isKnown) ? 1 : 0;
                }
            }
        }
        assertThat(lost).isPositive();
        assertThat(claimed).as("losses after the claim").isGreaterThan(2 * TRIES);
    }

    /// Starts again after the loss; says whether the claim was made before it.
    private boolean isClaimedAfter(Path after, boolean isTakeOver, boolean isKnown)
            throws IOException {
        LogEnd end = StoredLog.end(store).orElseThrow();
        boolean isClaimed =
                end.last().kind() == SegmentHeader.Kind.CLAIM && !end.last().writer().equals(RIVAL);
        if (isClaimed) {
            assertIsOurs(start(after, new LimitedDisk(), false), end, isKnown);
        } else if (isTakeOver) {
            try {
                LogStart start = start(after, new LimitedDisk(), false);
                throw new AssertionError("not refused: " + start);
            } catch (SidecarException.Fenced _) {
                // it is another's still
            }
        }
        LogStart again = start(after, new LimitedDisk(), isTakeOver);
        assertIsOurs(again, StoredLog.end(store).orElseThrow(), isKnown);
        assertThat(StoredLog.segments(store))
                .filteredOn(segment -> segment.kind() == SegmentHeader.Kind.CLAIM)
                .filteredOn(segment -> !segment.writer().equals(RIVAL))
                .hasSize(1);
        // Another takes over: a claim that was known again can be told from another's
        StoredLog.claim(store, RIVAL);
        assertThat(start(after, new LimitedDisk(), true).end().seq())
                .isEqualTo(again.end().seq() + 2);
        return isClaimed;
    }

    private static void assertIsOurs(LogStart start, LogEnd end, boolean isKnown) {
        assertThat(start.end().digest()).isEqualTo(end.digest());
        assertThat(start.stored().orElseThrow().durable()).isEqualTo(start.end());
        assertThat(start.identity().writer()).isEqualTo(end.last().writer());
        assertThat(start.known().flatMap(LogStart.Known::pages).isPresent()).isEqualTo(isKnown);
    }
}
