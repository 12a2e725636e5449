package dev.holdfast.replicator;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Wakes one waiting thread. A ring while nobody waits is remembered, once. Used instead of an
/// interrupt, which would close file channels.
final class Bell {
    private final Semaphore rings = new Semaphore(0);

    void ring() {
        if (rings.availablePermits() == 0) {
            rings.release();
        }
    }

    /// Returns at a ring or after `longest`, and says whether it was a ring.
    boolean await(Duration longest) {
        boolean isRung = false;
        try {
            isRung = rings.tryAcquire(longest.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            // Nobody of ours interrupts; a stranger's interrupt must not stay set, or the next read
            // closes its channel
        }
        rings.drainPermits();
        return isRung;
    }
}
