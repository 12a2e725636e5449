package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalIndexStep;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// When the WAL is copied back, and by which means, step by step, with a clock of the test's.
final class CopyBackStepTest {
    private static final long MILLI = Duration.ofMillis(1).toNanos();
    private static final long QUIET = 100 * MILLI;
    private static final long NO_LIMIT = Long.MAX_VALUE;

    private final AtomicLong clock = new AtomicLong();
    private final AtomicLong tick = new AtomicLong(1);
    private final Timekeeper time =
            new Timekeeper(InstantSource.system(), () -> clock.addAndGet(tick.get()));
    private final List<FollowerEvent> events = new ArrayList<>();

    @TempDir private Path folder;
    private Path database;
    private Application application;
    private LiveDatabase live;

    @BeforeEach
    void open() throws Exception {
        database = Files.createDirectory(folder.toRealPath().resolve("app")).resolve("app.db");
        application = Application.start(database, 1);
        application.tell("create 4096 0");
        application.tell("fast 3");
        application.tell("sql PRAGMA synchronous=OFF");
        live = LiveDatabase.open(database).orElseThrow();
    }

    @AfterEach
    void close() throws Exception {
        application.close();
        live.close();
    }

    private WalIndexHeader oracle() throws IOException {
        if (live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader found)) {
            return found;
        }
        throw new AssertionError("the wal-index is not whole");
    }

    private CopyBack copyBack(TestHands hands, long walLimit) {
        return new CopyBack(live, hands, walLimit, time, events::add);
    }

    /// Whether this step did anything.
    private boolean isAtWork(CopyBack copyBack, TestHands hands, long quietNanos, boolean isWanted)
            throws Exception {
        int before = hands.asked().size();
        copyBack.step(oracle(), quietNanos, isWanted);
        return hands.asked().size() > before;
    }

    @Test
    void aShortWalIsCopiedBackWhenTheDatabaseIsQuietOrSomebodyWaitsForIt() throws Exception {
        TestHands hands = new TestHands(live).landingAt(1);
        CopyBack copyBack = copyBack(hands, NO_LIMIT);
        assertThat(isAtWork(copyBack, hands, QUIET - 1, false)).isFalse();
        assertThat(oracle().backfilled()).isZero();
        assertThat(isAtWork(copyBack, hands, QUIET, false)).isTrue();
        assertThat(oracle().isBackfilled()).isTrue();
        clock.addAndGet(1_000 * MILLI);
        assertThat(isAtWork(copyBack, hands, QUIET, true)).as("nothing is left").isFalse();
        application.tell("fast 1");
        assertThat(isAtWork(copyBack, hands, 0, true)).isTrue();
        assertThat(hands.asked()).containsOnly("hand over");
    }

    @Test
    void aLongOneIsCopiedBackWithoutAQuietMoment() throws Exception {
        TestHands hands = new TestHands(live).landingAt(1);
        CopyBack copyBack = copyBack(hands, NO_LIMIT);
        application.tell("big 3");
        assertThat(isAtWork(copyBack, hands, 0, false)).isFalse();
        application.tell("big 1");
        assertThat(isAtWork(copyBack, hands, 0, false)).isTrue();
    }

    /// Each try in vain is the application's disk and locks.
    @Test
    void whatLeadsNowhereIsTriedAgainAtGrowingDistancesOfASecondAtMost() throws Exception {
        try (Application reader = Application.start(database, 2)) {
            reader.tell("open");
            reader.tell("sql BEGIN");
            reader.tell("sql SELECT count(*) FROM t");
            TestHands hands = new TestHands(live).moving();
            CopyBack copyBack = copyBack(hands, NO_LIMIT);
            assertThat(isAtWork(copyBack, hands, QUIET, false)).isTrue();
            application.tell("fast 1");
            clock.addAndGet(1_000 * MILLI);
            for (long pause : new long[] {40, 80, 160, 320, 640, 1_000, 1_000}) {
                assertThat(isAtWork(copyBack, hands, QUIET, false)).isTrue();
                clock.addAndGet(pause * MILLI - MILLI);
                assertThat(isAtWork(copyBack, hands, QUIET, false)).as("%d ms", pause).isFalse();
                clock.addAndGet(MILLI);
            }
            reader.tell("sql ROLLBACK");
            assertThat(isAtWork(copyBack, hands, QUIET, false)).isTrue();
            application.tell("fast 1");
            clock.addAndGet(20 * MILLI);
            assertThat(isAtWork(copyBack, hands, QUIET, false)).as("after progress").isTrue();
        }
    }

    /// Rounds of which none lands, three times, on a WAL of more than 8 MB. It has not come all at
    /// once: then other means are taken at once.
    private TestHands written(long walLimit, boolean isPausing) throws Exception {
        tick.set(MILLI / 10);
        TestHands hands = new TestHands(live).guarding();
        CopyBack copyBack = copyBack(hands, walLimit);
        application.tell("big 3");
        assertThat(isAtWork(copyBack, hands, 0, false)).isFalse();
        application.tell("big 6");
        for (int i = 0; i < 3; i++) {
            assertThat(hands.asked()).doesNotContain("stand guard");
            clock.addAndGet(1_000 * MILLI);
            application.tell("fast 1");
            long quietNanos = isPausing && i == 2 ? QUIET : 0;
            assertThat(isAtWork(copyBack, hands, quietNanos, false)).isTrue();
        }
        return hands;
    }

    @Test
    void theWriteLockIsTakenFromAWriterThatNeitherPausesNorCheckpoints() throws Exception {
        assertThat(written(8 << 20, false).asked()).contains("stand guard");
        assertThat(events).hasAtLeastOneElementOfType(FollowerEvent.TookOver.class);
    }

    /// It would be in vain: who opens another file there opens this WAL, so nothing is copied back.
    @Test
    void whereTheDatabaseCantBeLookedAtTheWriterIsNotKeptOut() throws Exception {
        Path app = database.resolveSibling("");
        Path away = Files.move(app, folder.resolve("away"));
        Files.createSymbolicLink(app, app);
        try {
            assertThat(written(8 << 20, false).asked()).contains("stand guard");
            assertThat(events).isEmpty();
        } finally {
            Files.delete(app);
            Files.move(away, app);
        }
    }

    @Test
    void aWriterWhoseWalCouldBeginAnewLatelyIsNotKeptOut() throws Exception {
        tick.set(MILLI / 10);
        TestHands hands = new TestHands(live).guarding().landingAt(2);
        CopyBack copyBack = copyBack(hands, 8 << 20);
        application.tell("big 3");
        assertThat(isAtWork(copyBack, hands, 0, false)).isFalse();
        application.tell("big 6");
        for (int i = 0; i < 5; i++) {
            assertThat(hands.asked()).doesNotContain("stand guard");
            clock.addAndGet(500 * MILLI);
            application.tell("fast 1");
            assertThat(isAtWork(copyBack, hands, 0, false)).isTrue();
        }
        assertThat(hands.asked()).contains("stand guard");
        assertThat(events).isEmpty();
    }

    @Test
    void belowItsLimitTheWalIsLeftToTheCheckpointsOfItsWriter() throws Exception {
        assertThat(written(64 << 20, false).asked()).contains("stand guard");
        assertThat(events).isEmpty();
    }

    @Test
    void aWriterThatHasPausedLatelyIsNotKeptOut() throws Exception {
        assertThat(written(8 << 20, true).asked()).contains("stand guard");
        assertThat(events).isEmpty();
    }

    /// Reading has fallen behind: more rounds would find more still.
    @Test
    void whereMoreHasComeThanCanBeFollowedOtherMeansAreTakenAtOnce() throws Exception {
        tick.set(MILLI / 10);
        TestHands hands = new TestHands(live).guarding();
        CopyBack copyBack = copyBack(hands, NO_LIMIT);
        application.tell("big 9");
        assertThat(isAtWork(copyBack, hands, 0, false)).isTrue();
        assertThat(hands.asked()).startsWith("stand guard");
        assertThat(events).isEmpty();
    }

    /// It keeps the WAL, and no means of ours could help that.
    @Test
    void aReaderOfWhatWasLongBeforeIsWaitedFor() throws Exception {
        try (Application reader = Application.start(database, 2)) {
            reader.tell("open");
            tick.set(MILLI / 10);
            TestHands hands = new TestHands(live).guarding();
            CopyBack copyBack = copyBack(hands, NO_LIMIT);
            reader.tell("sql BEGIN");
            reader.tell("sql SELECT count(*) FROM t");
            application.tell("fast 1");
            assertThat(isAtWork(copyBack, hands, 0, false)).isFalse();
            application.tell("big 9");
            for (int i = 0; i < 5; i++) {
                clock.addAndGet(1_000 * MILLI);
                application.tell("fast 1");
                copyBack.step(oracle(), 0, false);
            }
            assertThat(hands.asked()).contains("hand over").doesNotContain("stand guard");
        }
    }
}
