package dev.holdfast.replicator;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Slows down a writer that writes faster than it can be read: a thread of its own takes the write
/// lock for a few milliseconds, again and again, until [#close]. Meanwhile nobody else may use the
/// connection that takes it. Owned by the capture thread.
final class Brake implements AutoCloseable {
    /// A little less than what a writer may have to wait for us at most.
    private static final long HOLD_NANOS = Duration.ofMillis(3).toNanos();

    /// In which the writer goes on; halved by each [#tighten].
    private static final long PAUSE_NANOS = Duration.ofMillis(1).toNanos();

    /// Between two tries to get the lock; halved too. A writer without gaps gets far in them.
    private static final long TRY_PAUSE_NANOS = 50_000;

    private static final int TIGHTEST = 4;

    /// A writer leaves no gap between two transactions for so long only if one of them is as long.
    private static final long LONGEST_WAIT_NANOS = Duration.ofMillis(50).toNanos();

    private final LiveDatabase live;
    private final long walFrames;
    private final Timekeeper time;
    private final Consumer<FollowerEvent> events;
    private final CountDownLatch kept = new CountDownLatch(1);
    private final Thread thread;
    private volatile int tightness;
    private volatile boolean isToKeep;
    private volatile boolean isOver;

    /// Written by the thread before it counts `kept` down.
    private long keptSince;

    // Written by the thread, read after its end
    private int holds;
    private long longestNanos;
    private long heldNanos;
    private @Nullable LiveDatabaseException failure;

    /// @param walFrames length of the WAL, which is told with what was done
    Brake(LiveDatabase live, long walFrames, Timekeeper time, Consumer<FollowerEvent> events) {
        this.live = live;
        this.walFrames = walFrames;
        this.time = time;
        this.events = events;
        this.thread = Thread.ofPlatform().daemon().name("holdfast-brake").start(this::run);
    }

    private void run() {
        try {
            while (!isOver) {
                if (live.takeWriteLock()) {
                    hold();
                    LockSupport.parkNanos(PAUSE_NANOS >> tightness);
                } else {
                    LockSupport.parkNanos(TRY_PAUSE_NANOS >> tightness);
                }
            }
        } catch (LiveDatabaseException e) {
            failure = e;
        }
    }

    private void hold() throws LiveDatabaseException {
        long began = time.nanoTime();
        try {
            if (isToKeep) {
                keptSince = began;
                kept.countDown();
                while (!isOver) {
                    LockSupport.park();
                }
                return;
            }
            LockSupport.parkNanos(HOLD_NANOS);
        } finally {
            live.releaseWriteLock();
        }
        long held = time.nanoTime() - began;
        holds++;
        heldNanos += held;
        longestNanos = Math.max(longestNanos, held);
    }

    /// Leaves the writer less time from now on.
    ///
    /// @return whether that was possible
    boolean tighten() {
        int now = tightness;
        tightness = Math.min(now + 1, TIGHTEST);
        return now < TIGHTEST;
    }

    /// Holds the lock from the next time that it is taken until [#close], so that the writer can't
    /// run off between the two.
    ///
    /// @return since when it is held; empty if no gap between two transactions was found
    OptionalLong keep() {
        isToKeep = true;
        try {
            return kept.await(LONGEST_WAIT_NANOS, TimeUnit.NANOSECONDS)
                    ? OptionalLong.of(keptSince)
                    : OptionalLong.empty();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return OptionalLong.empty();
        }
    }

    /// Ends it and tells of it; nobody holds the lock when this returns. Again it does nothing.
    @Override
    public void close() throws LiveDatabaseException {
        if (isOver) {
            return;
        }
        isOver = true;
        LockSupport.unpark(thread);
        boolean isInterrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
        if (holds > 0) {
            events.accept(
                    new FollowerEvent.Braked(
                            holds,
                            Duration.ofNanos(longestNanos),
                            Duration.ofNanos(heldNanos),
                            walFrames));
        }
        if (failure != null) {
            throw failure;
        }
    }
}
