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
    private static final long LIMIT_BYTES = 32 << 20;

    /// What is not yet copied back must be little, because it is copied while the lock is held.
    private static final long MAX_RESIDUE_FRAMES = 256;

    private static final Duration TARGET = Duration.ofMillis(5);
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

    boolean isDue(WalIndexHeader oracle) {
        long residue = oracle.maxFrame() - oracle.backfilled();
        return oracle.maxFrame() * oracle.pageSize() >= limitBytes
                && residue > 0
                && residue < MAX_RESIDUE_FRAMES;
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

    void end(long walFrames) throws LiveDatabaseException {
        live.releaseWriteLock();
        Duration held = Duration.ofNanos(time.nanoTime() - beganAt);
        limitBytes =
                held.compareTo(TARGET) > 0
                        ? Math.min(2 * limitBytes, 16 * LIMIT_BYTES)
                        : LIMIT_BYTES;
        events.accept(new FollowerEvent.TookOver(held, walFrames));
    }
}
