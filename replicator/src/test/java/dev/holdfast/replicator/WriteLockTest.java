package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalIndexStep;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/// When the write lock is taken, for how long, and that it is given back. The clock goes on by a
/// millisecond from look to look of the thread that takes it; those of the brake's own thread are
/// as many as the machine lets it make.
final class WriteLockTest {
    private static final long TICK_NANOS = Duration.ofMillis(1).toNanos();

    /// More than are made in several holds of the brake.
    private static final int MANY_TRIES = 5_000;

    private final AtomicLong clock = new AtomicLong();
    private final Thread capture = Thread.currentThread();
    private final Timekeeper time = new Timekeeper(InstantSource.system(), this::look);
    private final List<FollowerEvent> events = new ArrayList<>();

    @TempDir private Path folder;
    private Application application;
    private LiveDatabase live;

    @BeforeEach
    void open() throws Exception {
        Path database = folder.toRealPath().resolve("app.db");
        application = Application.start(database, 1);
        application.tell("create 4096 0");
        application.tell("fast 3");
        application.tell("sql PRAGMA busy_timeout=0");
        live = LiveDatabase.open(database).orElseThrow();
    }

    @AfterEach
    void close() throws Exception {
        application.close();
        live.close();
    }

    private long look() {
        return Thread.currentThread().equals(capture) ? clock.addAndGet(TICK_NANOS) : clock.get();
    }

    private boolean isWritable() {
        if (!application.tellUnlessLocked("sql BEGIN IMMEDIATE")) {
            return false;
        }
        application.tell("sql ROLLBACK");
        return true;
    }

    private boolean isWritableNowAndThen() {
        return IntStream.range(0, MANY_TRIES).anyMatch(_ -> isWritable());
    }

    private boolean isKeptOutNowAndThen() {
        return IntStream.range(0, MANY_TRIES).anyMatch(_ -> !isWritable());
    }

    private WalIndexHeader oracle() throws IOException {
        if (live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader found)) {
            return found;
        }
        throw new AssertionError("the wal-index is not whole");
    }

    private void takeOver(TestHands hands) throws Exception {
        try (Brake brake = new Brake(live, oracle().maxFrame(), time, events::add)) {
            new TakeOver(live, hands, time, events::add).run(oracle(), brake);
        }
    }

    private void resortTo(TestHands hands) throws Exception {
        new LastResort(live, hands, time, events::add).run(oracle());
    }

    private List<FollowerEvent.TookOver> takeOvers() {
        return events.stream()
                .filter(FollowerEvent.TookOver.class::isInstance)
                .map(FollowerEvent.TookOver.class::cast)
                .toList();
    }

    /// Forcing is what takes longest.
    @Test
    void whatWasReadIsForcedBeforeTheLockIsTakenAndTheLastHandOverIsUnderIt() throws Exception {
        List<Boolean> writable = new ArrayList<>();
        TestHands hands = new TestHands(live).landingAt(2);
        takeOver(hands.meanwhile(() -> writable.add(isWritableNowAndThen())));
        assertThat(hands.asked()).containsExactly("cut", "hand over", "hand over");
        assertThat(writable).containsExactly(true, false, false);
        assertThat(isWritable()).isTrue();
        assertThat(oracle().isBackfilled()).isTrue();
        assertThat(takeOvers()).singleElement().matches(FollowerEvent.TookOver::isLanded);
    }

    @Test
    void theLockIsHeldForTenMillisecondsIfItLeadsNowhere() throws Exception {
        takeOver(new TestHands(live));
        assertThat(isWritable()).isTrue();
        assertThat(takeOvers())
                .singleElement()
                .satisfies(held -> assertThat(held.isLanded()).isFalse())
                .satisfies(held ->
                        assertThat(held.held())
                                .isBetween(Duration.ofMillis(10), Duration.ofMillis(12)));
    }

    @Test
    void whereTheLastOfItCantBeReadNothingIsCopiedBackUnderTheLock() throws Exception {
        TestHands hands = new TestHands(live).blindFrom(1);
        takeOver(hands);
        assertThat(hands.handOvers()).isEqualTo(1);
        assertThat(oracle().backfilled()).isZero();
        assertThat(isWritable()).isTrue();
        assertThat(takeOvers()).noneMatch(FollowerEvent.TookOver::isLanded);
    }

    @Test
    void aWriterThatHasTheLockIsLeftToItself() throws Exception {
        application.tell("sql BEGIN IMMEDIATE");
        TestHands hands = new TestHands(live);
        takeOver(hands);
        assertThat(hands.asked()).containsExactly("cut");
        assertThat(events).isEmpty();
    }

    @Test
    void aWriterThatIsCaughtUpWithIsTakenOver() throws Exception {
        TestHands hands = new TestHands(live).landingAt(3);
        resortTo(hands);
        assertThat(hands.asked()).containsExactly("hand over", "cut", "hand over", "hand over");
        assertThat(takeOvers()).singleElement().matches(FollowerEvent.TookOver::isLanded);
        assertThat(isWritable()).isTrue();
    }

    /// Else one that leaves no gap runs off, and the lock is hardly found free.
    @Test
    void theBrakeIsOnUntilTheLockIsTakenForTheLastHandOver() throws Exception {
        List<Boolean> keptOut = new ArrayList<>();
        TestHands hands = new TestHands(live).landingAt(3);
        resortTo(hands.meanwhile(() -> keptOut.add(isKeptOutNowAndThen())));
        assertThat(hands.asked()).containsExactly("hand over", "cut", "hand over", "hand over");
        assertThat(keptOut).containsExactly(true, true, true, true);
    }

    /// Under the lock it would take too long.
    @Test
    void whatIsLeftIsCopiedBackBeforeTheLockIsTaken() throws Exception {
        application.tell("fast 200");
        TestHands hands = new TestHands(live).moving().landingAt(4);
        resortTo(hands);
        assertThat(hands.asked())
                .containsExactly("hand over", "hand over", "cut", "hand over", "hand over");
        assertThat(takeOvers()).singleElement().matches(FollowerEvent.TookOver::isLanded);
    }

    /// No lock of ours could help that.
    @Test
    void aReaderOfWhatWasBeforeIsNoReasonForTheLock() throws Exception {
        try (Application reader = Application.start(folder.toRealPath().resolve("app.db"), 2)) {
            reader.tell("open");
            reader.tell("sql BEGIN");
            reader.tell("sql SELECT count(*) FROM t");
            application.tell("fast 3");
            resortTo(new TestHands(live));
            assertThat(takeOvers()).isEmpty();
            assertThat(isWritable()).isTrue();
        }
    }

    @Test
    void aReaderThatStaysEndsTheBrakeAfter50Milliseconds() throws Exception {
        try (Application reader = Application.start(folder.toRealPath().resolve("app.db"), 2)) {
            reader.tell("open");
            reader.tell("sql BEGIN");
            reader.tell("sql SELECT count(*) FROM t");
            application.tell("sql PRAGMA busy_timeout=60000");
            application.tell("fast 200");
            resortTo(new TestHands(live));
            assertThat(Duration.ofNanos(clock.get()))
                    .isBetween(Duration.ofMillis(50), Duration.ofMillis(500));
            assertThat(takeOvers()).isEmpty();
        }
    }

    /// More comes in each round than may be left to copy under the lock.
    @Test
    void aWriterThatCantBeCaughtUpWithIsBrakedForASecondAndNotTakenOver() throws Exception {
        application.tell("sql PRAGMA busy_timeout=60000");
        application.tell("sql PRAGMA synchronous=OFF");
        TestHands hands = new TestHands(live);
        resortTo(
                hands.meanwhile(() -> {
                    clock.addAndGet(Duration.ofMillis(100).toNanos());
                    application.tell("fast 70");
                }));
        assertThat(Duration.ofNanos(clock.get()))
                .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(3));
        assertThat(takeOvers()).isEmpty();
        assertThat(application.tell("sql BEGIN IMMEDIATE")).isNotEmpty();
    }

    /// Of a WAL of hundreds of megabytes the first round takes longer than a second by itself.
    @Test
    void aWriterThatLeavesLessInEachRoundIsCaughtUpWithHoweverLongTheFirstTakes() throws Exception {
        resortBeside(600, 300, 10);
    }

    /// What a fast writer commits while a round waits for the disk may be more than may be left.
    @Test
    void aWriterThatLeavesAsMuchIsBrakedHarderBeforeItIsGivenUp() throws Exception {
        resortBeside(600, 600, 10);
    }

    /// @param commits of each round, which takes two seconds
    private void resortBeside(Integer... commits) throws Exception {
        application.tell("sql PRAGMA busy_timeout=60000");
        application.tell("sql PRAGMA synchronous=OFF");
        application.tell("sql PRAGMA wal_autocheckpoint=0");
        application.tell("fast 2000");
        assertThat(live.take()).isTrue(); // all of it may be copied back
        live.letGoOlder();
        Iterator<Integer> left = List.of(commits).iterator();
        TestHands hands = new TestHands(live).moving().landingAt(5);
        resortTo(
                hands.meanwhile(() -> {
                    if (left.hasNext()) {
                        clock.addAndGet(Duration.ofSeconds(2).toNanos());
                        application.tell("fast " + left.next());
                    }
                }));
        assertThat(left).isExhausted();
        assertThat(takeOvers()).singleElement().matches(FollowerEvent.TookOver::isLanded);
    }

    @Test
    void whereNoPinCanBeTakenTheBrakeIsLetGo() throws Exception {
        TestHands hands = new TestHands(live).blindFrom(1);
        resortTo(hands);
        assertThat(hands.handOvers()).isEqualTo(1);
        assertThat(takeOvers()).isEmpty();
        assertThat(isWritable()).isTrue();
    }
}
