package dev.holdfast.replicator;

import dev.holdfast.wal.WalIndexHeader;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/// Has the WAL copied back, so that the application's next write begins it anew: when it is long,
/// when the database has been quiet for a moment, or when a snapshot waits for it. Owned by the
/// capture thread.
///
/// Works in rounds of a passive checkpoint and a hand-over. Each has to copy only what was
/// committed during the one before, so they get shorter until one fits between two commits: then
/// the pin stands on slot 0. Only a writer that never pauses is kept out for the last of them, and
/// not where a reader of the application is what keeps the WAL.
final class CopyBack {
    /// After so long without a commit what is left is copied back, and the pin moves to slot 0,
    /// where it is in nobody's way.
    private static final long QUIET_NANOS = Duration.ofMillis(100).toNanos();

    /// From this size on it is copied back even if no quiet moment comes.
    private static final long LONG_WAL_BYTES = 4 << 20;

    private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();
    private static final long LONGEST_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int ROUNDS = 12;

    /// So often rounds are tried in vain before the write lock is taken, unless the brake has shown
    /// that the writer never pauses.
    private static final int PATIENCE = 5;

    /// The brake is not on for longer than this.
    private static final long LONGEST_BRAKE_NANOS = Duration.ofSeconds(1).toNanos();

    /// Who reads for longer is no short reader, and keeps the WAL for who knows how long.
    private static final long SHORT_READ_NANOS = Duration.ofMillis(100).toNanos();

    private final LiveDatabase live;
    private final Hands hands;
    private final TakeOver takeOver;
    private final Timekeeper time;
    private final Consumer<FollowerEvent> events;
    private long notBefore;
    private long pause = PAUSE_NANOS;
    private @Nullable WalIndexHeader before;
    private int outpaced;
    private int vain;

    /// The capture, as far as it is needed here.
    interface Hands {
        /// Reads all that was committed under a younger pin. Empty if that can't be done now.
        Optional<WalIndexHeader> handOver() throws IOException, LiveDatabaseException;

        /// Whether the pin stands on slot 0 since the last hand-over.
        boolean isOnSlotZero();

        /// Forces what was read into the spool.
        void cut() throws SpoolException;
    }

    CopyBack(LiveDatabase live, Hands hands, Timekeeper time, Consumer<FollowerEvent> events) {
        this.live = live;
        this.hands = hands;
        this.takeOver = new TakeOver(live, time, events);
        this.time = time;
        this.events = events;
        this.notBefore = time.nanoTime();
    }

    /// Does what is due.
    ///
    /// @param oracle as read a moment ago
    /// @param quietNanos since the last commit
    /// @param isWanted whether somebody waits for it
    void step(WalIndexHeader oracle, long quietNanos, boolean isWanted)
            throws IOException, LiveDatabaseException {
        if (oracle.isBackfilled() || time.nanoTime() < notBefore) {
            return;
        }
        boolean isLong = bytes(oracle, oracle.maxFrame()) >= LONG_WAL_BYTES;
        if (!isLong && !isWanted && quietNanos < QUIET_NANOS) {
            return;
        }
        long shouldBeBack = shouldBeBack(oracle);
        noteOutpaced(oracle);
        // Reading falls behind: another read without the brake would take longer still
        boolean isBehind = outpaced >= 2 && isLockOfUse(oracle, shouldBeBack);
        Round last = isBehind ? braked(oracle) : rounds(oracle);
        if (last.isOutpaced() && isLockOfUse(last.end(), shouldBeBack)) {
            last = braked(last.end());
        }
        if (!last.isRead()
                || !takeOver.isResidueSmall(last.end())
                || !isLockOfUse(last.end(), shouldBeBack)) {
            vain = 0;
        } else if (++vain >= PATIENCE) {
            takeOver(last.end());
        }
        boolean isProgress = last.isRead() && last.end().backfilled() != oracle.backfilled();
        pause = isProgress ? PAUSE_NANOS : Math.min(2 * pause, LONGEST_PAUSE_NANOS);
        notBefore = time.nanoTime() + pause;
    }

    private static long bytes(WalIndexHeader oracle, long frames) {
        return frames * oracle.pageSize();
    }

    /// Counts how often in a row the WAL has grown by much from one look to the next. One large
    /// transaction does not make two.
    private void noteOutpaced(WalIndexHeader oracle) {
        boolean isOutpaced =
                before != null
                        && before.end().sameGeneration(oracle.end())
                        && bytes(oracle, oracle.maxFrame() - before.maxFrame()) >= LONG_WAL_BYTES;
        outpaced = isOutpaced ? outpaced + 1 : 0;
        before = oracle;
    }

    /// A frame that only a reader that reads for long can have kept from being copied back: what
    /// was there at the last look, or half of all.
    private long shouldBeBack(WalIndexHeader oracle) {
        return before != null && before.end().sameGeneration(oracle.end())
                ? before.maxFrame()
                : oracle.maxFrame() / 2;
    }

    /// Whether the WAL is so long that the write lock is worth taking, and would help: it doesn't
    /// while a reader keeps what should be back.
    private boolean isLockOfUse(WalIndexHeader oracle, long shouldBeBack) throws IOException {
        return takeOver.isOverLimit(oracle) && !live.isKeptByReaderBefore(shouldBeBack);
    }

    /// What rounds have come to.
    ///
    /// @param end the oracle as it was when it was last read to
    /// @param isRead whether all up to there could be read
    /// @param isOutpaced whether much was committed during each of the last two: one large
    ///   transaction can come in one
    private record Round(WalIndexHeader end, boolean isRead, boolean isOutpaced) {}

    /// Rounds, as long as they lead anywhere.
    private Round rounds(WalIndexHeader oracle) throws IOException, LiveDatabaseException {
        WalIndexHeader last = oracle;
        int fast = 0;
        boolean isOver = false;
        for (int i = 0; i < ROUNDS && !isOver; i++) {
            boolean isDone = live.checkpointPassively();
            Optional<WalIndexHeader> after = hands.handOver();
            if (after.isEmpty()) {
                return new Round(last, false, false);
            }
            fast = takeOver.isOutpaced(last, after.get()) ? fast + 1 : 0;
            boolean isLeading = isDone && takeOver.isShrinking(last, after.get());
            isOver =
                    hands.isOnSlotZero()
                            || !after.get().end().sameGeneration(last.end())
                            || (!isLeading && fast != 1);
            last = after.get();
        }
        return new Round(last, true, fast > 1);
    }

    /// Saturation: no quiet moment comes, so the write lock is held around the last hand-over, and
    /// it lands on slot 0. Little is left to copy back while the lock is held.
    private void takeOver(WalIndexHeader oracle) throws IOException, LiveDatabaseException {
        hands.cut();
        if (!takeOver.begin()) {
            return;
        }
        boolean isLanded = false;
        try {
            Optional<WalIndexHeader> last = hands.handOver();
            while (last.isPresent() && !isLanded && takeOver.mayGoOn()) {
                // The application's own checkpointer may be at it, without the write lock
                if (live.checkpointPassively()) {
                    last = hands.handOver();
                    isLanded = hands.isOnSlotZero();
                }
            }
        } finally {
            takeOver.end(isLanded, oracle.maxFrame());
        }
    }

    /// Rounds with the brake on, until next to nothing is committed during one and little is left.
    private Round braked(WalIndexHeader oracle) throws IOException, LiveDatabaseException {
        long began = time.nanoTime();
        WalIndexHeader last = oracle;
        Optional<WalIndexHeader> after;
        boolean isOver;
        Brake brake = new Brake(live, time);
        try (brake) {
            do {
                boolean _ = live.checkpointPassively();
                after = hands.handOver();
                long age = time.nanoTime() - began;
                isOver =
                        after.isEmpty()
                                || isCaughtUp(last, after.get())
                                || age >= LONGEST_BRAKE_NANOS
                                || (age >= SHORT_READ_NANOS
                                        && live.isKeptByReaderBefore(oracle.maxFrame()));
                last = after.orElse(last);
            } while (!isOver);
        }
        events.accept(brake.told(oracle.maxFrame()));
        vain = PATIENCE;
        return new Round(last, after.isPresent(), false);
    }

    private boolean isCaughtUp(WalIndexHeader before, WalIndexHeader after) {
        return !takeOver.isOutpaced(before, after) && takeOver.isResidueSmall(after);
    }
}
