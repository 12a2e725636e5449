package dev.holdfast.replicator;

import dev.holdfast.wal.WalIndexHeader;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Holds the write lock for a few milliseconds when a writer that never pauses has let the WAL grow
/// past a limit. Measured, and bounded: if it took too long, the next one waits for a longer WAL.
/// Owned by the capture thread.
final class TakeOver {
    /// The WAL's hard limit; a busy writer that pauses now and then stays far below it.
    private static final long LIMIT_BYTES = 24 << 20;

    private static final long HIGHEST_LIMIT_BYTES = 40 << 20;

    /// What is not yet copied back must be little, because it is copied while the lock is held.
    private static final long MAX_RESIDUE_FRAMES = 128;

    private static final Duration TARGET = Duration.ofMillis(5);

    /// Nothing more is begun after this: it could take as long again.
    private static final Duration LAST_BEGIN = Duration.ofMillis(2);

    private static final int TRIES = 200;
    private static final long TRY_PAUSE_NANOS = 50_000;

    private final LiveDatabase live;
    private final Timekeeper time;
    private final Consumer<FollowerEvent> events;
    private long limitBytes = LIMIT_BYTES;
    private long beganAt;

    TakeOver(LiveDatabase live, Timekeeper time, Consumer<FollowerEvent> events) {
        this.live = live;
        this.time = time;
        this.events = events;
    }

    boolean isOverLimit(WalIndexHeader oracle) {
        return !oracle.isBackfilled() && oracle.maxFrame() * oracle.pageSize() >= limitBytes;
    }

    /// Whether so little is left to copy back that it can be done under the lock.
    boolean isResidueSmall(WalIndexHeader oracle) {
        return residue(oracle) < MAX_RESIDUE_FRAMES;
    }

    /// Whether another round may lead to slot 0.
    boolean isShrinking(WalIndexHeader before, WalIndexHeader after) {
        return isResidueSmall(after) || residue(after) < residue(before) * 3 / 4;
    }

    /// Whether more was committed during a round than may be left for the lock.
    boolean isOutpaced(WalIndexHeader before, WalIndexHeader after) {
        return before.end().sameGeneration(after.end())
                && after.maxFrame() - before.maxFrame() >= MAX_RESIDUE_FRAMES;
    }

    private static long residue(WalIndexHeader oracle) {
        return oracle.maxFrame() - oracle.backfilled();
    }

    /// False if no gap between two transactions was found.
    boolean begin() throws LiveDatabaseException {
        for (int i = 0; i < TRIES; i++) {
            if (live.takeWriteLock()) {
                beganAt = time.nanoTime();
                return true;
            }
            LockSupport.parkNanos(TRY_PAUSE_NANOS);
        }
        return false;
    }

    /// Whether the lock may be held a little longer, after a pause.
    boolean mayGoOn() {
        LockSupport.parkNanos(TRY_PAUSE_NANOS);
        return time.nanoTime() - beganAt < LAST_BEGIN.toNanos();
    }

    /// @param isLanded whether the WAL will begin anew with the next transaction
    void end(boolean isLanded, long walFrames) throws LiveDatabaseException {
        live.releaseWriteLock();
        Duration held = Duration.ofNanos(time.nanoTime() - beganAt);
        boolean isGood = isLanded && held.compareTo(TARGET) <= 0;
        limitBytes =
                isGood ? LIMIT_BYTES : Math.min(limitBytes + LIMIT_BYTES / 8, HIGHEST_LIMIT_BYTES);
        events.accept(new FollowerEvent.TookOver(held, walFrames, isLanded));
    }
}
