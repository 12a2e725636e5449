package dev.holdfast.replicator;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/// What may be sent to a destination now, of an [UploadBandwidth]: what was sent is owed, and as
/// long as something is, nothing more is begun. So what comes after a pause leaves at once, and
/// each request goes as fast as the line: one that was slowed down would look like one that stands
/// still.
///
/// The log comes first. While it waits nothing else is sent, but for a [Share] of the bandwidth: a
/// snapshot must come to its end beside a writer that never pauses.
///
/// Says how long to wait, and waits for nobody. For several threads.
final class ByteBudget {
    /// Of a log object, so that what comes next does not wait for it too long.
    private static final Duration LONGEST_DEBT = Duration.ofSeconds(10);

    private static final long LEAST_OBJECT_BYTES = 1 << 20;
    private static final long LEAST_SLICE_BYTES = 64 << 10;

    /// What is left beside a log that always waits.
    enum Share {
        /// A half, as without it nothing of the log can be restored, and a store ends an upload
        /// that goes on for days.
        FIRST_SNAPSHOT(2),
        /// A tenth.
        REST(10);

        private final int oneIn;

        Share(int oneIn) {
            this.oneIn = oneIn;
        }
    }

    private final UploadBandwidth bandwidth;
    private final Timekeeper time;
    private final ReentrantLock lock = new ReentrantLock();

    /// When nothing will be owed.
    private long paidAt;

    private boolean isLogWaiting;

    ByteBudget(UploadBandwidth bandwidth, Timekeeper time) {
        this.bandwidth = bandwidth;
        this.time = time;
        this.paidAt = time.nanoTime();
    }

    boolean isLimited() {
        return bandwidth.isLimited();
    }

    /// By the clock that it goes by.
    long now() {
        return time.nanoTime();
    }

    /// How large a log object should be at most.
    long objectBytes() {
        return bytesIn(LONGEST_DEBT, LEAST_OBJECT_BYTES, Shipper.MAX_OBJECT_BYTES);
    }

    /// In which pieces what is no log should be sent: the log waits for one of them at most.
    long sliceBytes() {
        return bytesIn(Duration.ofSeconds(1), LEAST_SLICE_BYTES, Shipper.MAX_OBJECT_BYTES);
    }

    private long bytesIn(Duration length, long least, long most) {
        if (!isLimited()) {
            return most;
        }
        long second = Math.min(bandwidth.bytesPerSecond().getAsLong(), most);
        return Math.clamp(second * length.toSeconds(), least, most);
    }

    /// How long until a log object may be sent; zero if it may be now.
    ///
    /// @param isWaiting whether there is something to send
    Duration untilLog(boolean isWaiting) {
        if (!isLimited()) {
            return Duration.ZERO;
        }
        lock.lock();
        try {
            long owed = Math.max(0, paidAt - time.nanoTime());
            isLogWaiting = isWaiting && owed > 0;
            return Duration.ofNanos(owed);
        } finally {
            lock.unlock();
        }
    }

    /// How long until a piece of something else may be sent; zero if it may be now.
    ///
    /// @param sinceNanos when it was first asked for
    Duration untilOther(long bytes, long sinceNanos, Share least) {
        if (!isLimited()) {
            return Duration.ZERO;
        }
        lock.lock();
        try {
            long now = time.nanoTime();
            long owed = paidAt - now;
            long share = Math.max(0, least.oneIn * cost(bytes) - (now - sinceNanos));
            if (share == 0 || (owed <= 0 && !isLogWaiting)) {
                return Duration.ZERO;
            }
            return Duration.ofNanos(isLogWaiting ? share : Math.min(owed, share));
        } finally {
            lock.unlock();
        }
    }

    /// So much is sent now.
    void spend(long bytes) {
        long _ = charge(bytes, Long.MAX_VALUE);
    }

    /// So much is sent now, as somebody is in a hurry: no more of it is owed than of one log
    /// object.
    void spendInHurry(long bytes) {
        long _ = charge(bytes, LONGEST_DEBT.toNanos());
    }

    /// A log object is sent now.
    ///
    /// @return what of it is owed, for [#failed]
    long spendLog(long bytes, boolean isHurried) {
        return charge(bytes, isHurried ? LONGEST_DEBT.toNanos() : Long.MAX_VALUE);
    }

    /// What was charged at `sinceNanos` was not taken, and perhaps never sent: no more of it is
    /// owed than the time that went by.
    void failed(long chargedNanos, long sinceNanos) {
        lock.lock();
        try {
            paidAt -= Math.max(0, chargedNanos - (time.nanoTime() - sinceNanos));
        } finally {
            lock.unlock();
        }
    }

    /// In nanoseconds.
    private long charge(long bytes, long mostOwed) {
        if (!isLimited()) {
            return 0;
        }
        lock.lock();
        try {
            long now = time.nanoTime();
            long before = Math.max(0, paidAt - now);
            long after = Math.max(before, Math.min(before + cost(bytes), mostOwed));
            paidAt = now + after;
            isLogWaiting = false;
            return after - before;
        } finally {
            lock.unlock();
        }
    }

    /// In nanoseconds.
    private long cost(long bytes) {
        return (long) (1e9 * bytes / bandwidth.bytesPerSecond().getAsLong());
    }
}
