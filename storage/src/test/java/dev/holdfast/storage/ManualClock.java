package dev.holdfast.storage;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/// Time that passes only while somebody waits for it, and then at once.
public final class ManualClock implements StoppableClock {
    private final AtomicLong nanos = new AtomicLong();
    private final Queue<Duration> sleeps = new ConcurrentLinkedQueue<>();
    private volatile boolean isStopped;

    @Override
    public long nanoTime() {
        return nanos.get();
    }

    @Override
    public boolean sleep(Duration time) {
        if (isStopped) {
            return false;
        }
        sleeps.add(time);
        pass(time);
        return true;
    }

    /// Lets time pass without a wait.
    public void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    /// From now on nobody waits.
    public void stop() {
        isStopped = true;
    }

    /// All waits so far.
    public List<Duration> sleeps() {
        return List.copyOf(sleeps);
    }
}
