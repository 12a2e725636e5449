package dev.holdfast.replicator;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/// Slows down a writer that writes faster than it can be read: a thread of its own takes the write
/// lock for a few milliseconds, again and again, until [#close]. Meanwhile nobody else may use the
/// connection that takes it.
final class Brake implements AutoCloseable {
    /// A little less than what a writer may have to wait for us at most.
    private static final long HOLD_NANOS = Duration.ofMillis(3).toNanos();

    /// In which the writer goes on.
    private static final long PAUSE_NANOS = Duration.ofMillis(1).toNanos();

    /// Between two tries to get the lock.
    private static final long TRY_PAUSE_NANOS = 50_000;

    private final LiveDatabase live;
    private final Timekeeper time;
    private final Thread thread;
    private volatile boolean isOver;

    // Written by the thread, read after its end
    private int holds;
    private long longestNanos;
    private long heldNanos;
    private @Nullable LiveDatabaseException failure;

    Brake(LiveDatabase live, Timekeeper time) {
        this.live = live;
        this.time = time;
        this.thread = Thread.ofPlatform().daemon().name("holdfast-brake").start(this::run);
    }

    private void run() {
        try {
            while (!isOver) {
                if (live.takeWriteLock()) {
                    hold();
                    LockSupport.parkNanos(PAUSE_NANOS);
                } else {
                    LockSupport.parkNanos(TRY_PAUSE_NANOS);
                }
            }
        } catch (LiveDatabaseException e) {
            failure = e;
        }
    }

    private void hold() throws LiveDatabaseException {
        long began = time.nanoTime();
        try {
            LockSupport.parkNanos(HOLD_NANOS);
        } finally {
            live.releaseWriteLock();
        }
        long held = time.nanoTime() - began;
        holds++;
        heldNanos += held;
        longestNanos = Math.max(longestNanos, held);
    }

    /// What it has done, once it is closed. Empty if it never got the lock.
    Optional<FollowerEvent> told(long walFrames) {
        return holds == 0
                ? Optional.empty()
                : Optional.of(
                        new FollowerEvent.Braked(
                                holds,
                                Duration.ofNanos(longestNanos),
                                Duration.ofNanos(heldNanos),
                                walFrames));
    }

    /// Ends it; nobody holds the lock when this returns.
    @Override
    public void close() throws LiveDatabaseException {
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
        if (failure != null) {
            throw failure;
        }
    }
}
