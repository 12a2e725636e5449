package dev.holdfast.replicator;

import java.time.Duration;

/// What may be stored now, of an [UploadRate]: a bucket of tokens, full at the beginning. Owned by
/// one thread.
final class UploadBudget {
    private final long interval;
    private final long saved;
    private final Timekeeper time;

    /// When the bucket will be full.
    private long fullAt;

    UploadBudget(UploadRate rate, Timekeeper time) {
        this.interval = rate.interval().toNanos();
        this.saved = (rate.burst() - 1) * interval;
        this.time = time;
        this.fullAt = time.nanoTime();
    }

    /// How long until an upload is within the budget; zero if it is now.
    Duration untilNext() {
        return Duration.ofNanos(Math.max(0, fullAt - time.nanoTime() - saved));
    }

    /// Takes an upload off, also one that is not within it: that is then all that was saved.
    void spend() {
        long now = time.nanoTime();
        long missing = Math.max(0, fullAt - now) + interval;
        fullAt = now + Math.min(missing, saved + interval);
    }
}
