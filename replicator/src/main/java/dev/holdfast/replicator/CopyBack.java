package dev.holdfast.replicator;

import dev.holdfast.wal.WalIndexHeader;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/// Has the WAL copied back to the database file, and lands on slot 0, so that the application can
/// begin the WAL anew: when the database is quiet or the WAL is long. Owned by the capture thread.
///
/// One checkpoint and one hand-over leave what was committed meanwhile. So they go round, each
/// round with less to do than the one before, until one fits between two commits. Where none does,
/// the application's own checkpoints do it ([GuardedLanding]). The write lock is the last resort
/// ([LastResort]), for a writer that neither pauses nor checkpoints.
final class CopyBack {
    /// After so long without a commit what is left is copied back, and the pin moves to slot 0,
    /// where it is in nobody's way.
    private static final long QUIET_NANOS = Duration.ofMillis(100).toNanos();

    /// From this size on it is copied back even if no quiet moment comes.
    private static final long LONG_WAL_BYTES = 4 << 20;

    /// From this size on rounds that lead nowhere are not all that is done.
    private static final long LIMIT_BYTES = 8 << 20;

    private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();
    private static final long LONGEST_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int ROUNDS = 12;

    /// So often rounds are tried in vain, unless more is committed than can be followed.
    private static final int PATIENCE = 2;

    /// So many times as long as a landing was tried in vain the next one is waited with: it keeps a
    /// processor busy.
    private static final int REST = 9;

    private final LiveDatabase live;
    private final Hands hands;
    private final GuardedLanding guarded;
    private final LastResort lastResort;
    private final long walLimit;
    private final Pace pace;
    private final Timekeeper time;
    private long notBefore;
    private long notOtherwiseBefore;
    private long pause = PAUSE_NANOS;
    private int vain;

    /// The capture, as far as it is needed here.
    interface Hands {
        /// Reads all that was committed under a younger pin. Empty if that can't be done now.
        Optional<WalIndexHeader> handOver() throws IOException, LiveDatabaseException;

        /// Lets a guard stand in the pin's stead. False if none can.
        boolean standGuard() throws IOException, LiveDatabaseException;

        /// On guard: reads all that was committed, and forces it into the spool. Empty if that
        /// can't be done now.
        Optional<WalIndexHeader> readOnGuard() throws IOException, LiveDatabaseException;

        /// On guard: takes a pin in its stead, if that stands on slot 0 with nothing committed
        /// since.
        ///
        /// @param read all of it copied back, read and forced
        void land(WalIndexHeader read) throws IOException, LiveDatabaseException;

        /// Whether the pin stands on slot 0 since the last hand-over.
        boolean isOnSlotZero();

        /// Forces what was read into the spool.
        void cut() throws SpoolException;
    }

    /// @param walLimit as in [FollowerOptions]
    CopyBack(
            LiveDatabase live,
            Hands hands,
            long walLimit,
            Timekeeper time,
            Consumer<FollowerEvent> events) {
        this.live = live;
        this.hands = hands;
        this.guarded = new GuardedLanding(live, hands, time);
        this.lastResort = new LastResort(live, hands, time, events);
        this.walLimit = walLimit;
        this.pace = new Pace(time);
        this.time = time;
        this.notBefore = time.nanoTime();
        this.notOtherwiseBefore = notBefore;
    }

    /// Does what is due.
    ///
    /// @param oracle as read a moment ago
    /// @param quietNanos since the last commit
    /// @param isWanted whether somebody waits for it
    void step(WalIndexHeader oracle, long quietNanos, boolean isWanted)
            throws IOException, LiveDatabaseException {
        pace.note(oracle, quietNanos);
        if (oracle.isBackfilled() || time.nanoTime() < notBefore) {
            return;
        }
        boolean isLong = bytes(oracle) >= LONG_WAL_BYTES;
        if (!isLong && !isWanted && quietNanos < QUIET_NANOS) {
            return;
        }
        // Reading falls behind: another read would find more still
        boolean isBehind = pace.grownFrames() * oracle.pageSize() >= LIMIT_BYTES;
        Round last = isBehind ? new Round(oracle, true, true) : rounds(oracle);
        vain = last.isRead() && isOverLimit(last.end()) ? vain + 1 : 0;
        if (vain > 0 && (last.isOutpaced() || vain > PATIENCE)) {
            landOtherwise(last);
        }
        if (hands.isOnSlotZero()) {
            pace.landed();
        }
        boolean isProgress =
                hands.isOnSlotZero()
                        || (last.isRead() && last.end().backfilled() != oracle.backfilled());
        pause = isProgress ? PAUSE_NANOS : Math.min(2 * pause, LONGEST_PAUSE_NANOS);
        notBefore = time.nanoTime() + pause;
    }

    /// Whether the WAL is too long, and can be begun anew: not while somebody reads for long what
    /// was before.
    private boolean isOverLimit(WalIndexHeader oracle) throws IOException {
        return !hands.isOnSlotZero()
                && bytes(oracle) >= LIMIT_BYTES
                && !live.isKeptByReaderBefore(pace.longAgo(oracle));
    }

    private void landOtherwise(Round last) throws IOException, LiveDatabaseException {
        if (time.nanoTime() < notOtherwiseBefore) {
            return;
        }
        Optional<WalIndexHeader> uncopied = guarded.run(last.end());
        // Beside a writer that outruns us a rest costs disk, and its own checkpoints do come
        boolean isHopeful = hands.isOnSlotZero() || (last.isOutpaced() && uncopied.isEmpty());
        notOtherwiseBefore = time.nanoTime() + (isHopeful ? 0 : REST * guarded.triedNanos());
        if (uncopied.isPresent() && pace.isUnrelenting() && isEndless(uncopied.get())) {
            lastResort.run(uncopied.get());
        }
    }

    /// Not where nothing of ours may copy it back: the lock would be in vain.
    private boolean isEndless(WalIndexHeader oracle) throws IOException {
        return bytes(oracle) >= walLimit && live.isInPlace() && isOverLimit(oracle);
    }

    private static long bytes(WalIndexHeader oracle) {
        return oracle.maxFrame() * oracle.pageSize();
    }

    /// What rounds have come to.
    ///
    /// @param end the oracle as it was when it was last read to
    /// @param isRead whether all up to there could be read
    /// @param isOutpaced whether much was committed during the last one
    private record Round(WalIndexHeader end, boolean isRead, boolean isOutpaced) {}

    /// Rounds, as long as they lead anywhere.
    private Round rounds(WalIndexHeader oracle) throws IOException, LiveDatabaseException {
        WalIndexHeader last = oracle;
        boolean isOutpaced = false;
        boolean isOver = false;
        for (int i = 0; i < ROUNDS && !isOver; i++) {
            boolean isDone = live.checkpointPassively();
            Optional<WalIndexHeader> after = hands.handOver();
            if (after.isEmpty()) {
                return new Round(last, false, false);
            }
            isOutpaced = Residue.isOutpaced(last, after.get());
            isOver =
                    hands.isOnSlotZero()
                            || !after.get().end().sameGeneration(last.end())
                            || !isDone
                            || !Residue.isShrinking(last, after.get());
            last = after.get();
        }
        return new Round(last, true, isOutpaced);
    }
}
