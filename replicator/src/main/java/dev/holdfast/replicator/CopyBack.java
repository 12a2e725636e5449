package dev.holdfast.replicator;

import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalIndexStep;

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
/// the pin stands on slot 0. Only a writer that never pauses is kept out for the last of them.
final class CopyBack {
    /// After so long without a commit what is left is copied back, and the pin moves to slot 0,
    /// where it is in nobody's way.
    private static final long QUIET_NANOS = Duration.ofMillis(100).toNanos();

    /// From this size on it is copied back even if no quiet moment comes.
    private static final long LONG_WAL_BYTES = 4 << 20;

    private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();
    private static final long LONGEST_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int ROUNDS = 12;

    /// The brake is not held on for longer than this.
    private static final long LONGEST_BRAKE_NANOS = Duration.ofSeconds(10).toNanos();

    private final LiveDatabase live;
    private final Hands hands;
    private final TakeOver takeOver;
    private final Timekeeper time;
    private final Consumer<FollowerEvent> events;
    private long notBefore;
    private long pause = PAUSE_NANOS;

    /// The capture, as far as it is needed here.
    interface Hands {
        /// Reads all that was committed under a younger pin. Empty if that can't be done now.
        Optional<WalIndexHeader> handOver() throws IOException, LiveDatabaseException;

        /// Whether the pin stands on slot 0 since the last hand-over.
        boolean isOnSlotZero();

        /// Keeps our own writes to the store away from the disk, or no longer.
        void pauseShipping(boolean isPaused);

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
        boolean isLong = oracle.maxFrame() * oracle.pageSize() >= LONG_WAL_BYTES;
        if (!isLong && !isWanted && quietNanos < QUIET_NANOS) {
            return;
        }
        boolean isProgress = takeOver.isDue(oracle) || hasProgress(oracle, rounds(oracle));
        pause = isProgress ? PAUSE_NANOS : Math.min(2 * pause, LONGEST_PAUSE_NANOS);
        if (live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader now)
                && takeOver.isOverLimit(now)) {
            hands.pauseShipping(true);
            try {
                takeOver(now);
            } finally {
                hands.pauseShipping(false);
            }
        }
        notBefore = time.nanoTime() + pause;
    }

    private static boolean hasProgress(WalIndexHeader before, Optional<WalIndexHeader> after) {
        return after.isPresent() && after.get().backfilled() != before.backfilled();
    }

    /// Rounds, as long as they lead anywhere.
    private Optional<WalIndexHeader> rounds(WalIndexHeader oracle)
            throws IOException, LiveDatabaseException {
        WalIndexHeader before = oracle;
        for (int i = 0; i < ROUNDS; i++) {
            boolean isDone = live.checkpointPassively();
            Optional<WalIndexHeader> after = hands.handOver();
            if (after.isEmpty()
                    || !isDone
                    || hands.isOnSlotZero()
                    || !after.get().end().sameGeneration(before.end())
                    || !takeOver.isShrinking(before, after.get())) {
                return after;
            }
            before = after.get();
        }
        return Optional.of(before);
    }

    /// Saturation: no quiet moment comes, so the write lock is held around the last hand-over, and
    /// it lands on slot 0. Before that what is left to copy back while the lock is held is made
    /// little, if need be by the brake.
    private void takeOver(WalIndexHeader oracle) throws IOException, LiveDatabaseException {
        Optional<WalIndexHeader> before = Optional.of(oracle);
        if (!takeOver.isResidueSmall(oracle)) {
            before = braked(oracle);
        }
        hands.cut();
        if (before.isEmpty() || !takeOver.isResidueSmall(before.get()) || !takeOver.begin()) {
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

    private Optional<WalIndexHeader> braked(WalIndexHeader oracle)
            throws IOException, LiveDatabaseException {
        long began = time.nanoTime();
        Optional<WalIndexHeader> last = Optional.of(oracle);
        Brake brake = new Brake(live, time);
        try (brake) {
            while (last.isPresent()
                    && !takeOver.isResidueSmall(last.get())
                    && time.nanoTime() - began < LONGEST_BRAKE_NANOS) {
                boolean _ = live.checkpointPassively();
                last = hands.handOver();
            }
        }
        events.accept(brake.told(oracle.maxFrame()));
        return last;
    }
}
