package dev.holdfast.storage;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Time that can be waited for, unless the run ends first. One type for both, so that a test's time
/// passes only when somebody waits.
public interface StoppableClock {
    /// As [System#nanoTime].
    long nanoTime();

    /// Waits, and says whether the whole time has passed; false at once when the run is being
    /// stopped.
    boolean sleep(Duration time);

    /// The machine's time, stopped by a latch: an interrupt would close the channels that the
    /// thread uses.
    static StoppableClock of(CountDownLatch stop) {
        return new StoppableClock() {
            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public boolean sleep(Duration time) {
                try {
                    return !stop.await(time.toNanos(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException _) {
                    Thread.currentThread()
                            .interrupt(); // nobody here interrupts; whoever does wants an end
                    return false;
                }
            }
        };
    }
}
