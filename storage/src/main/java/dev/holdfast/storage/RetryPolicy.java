package dev.holdfast.storage;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long a request is tried again, and how often.
///
/// @param firstPause the longest wait before the second attempt; it doubles with every further one
/// @param maxPause what it doubles up to
/// @param deadline counted from the first attempt; the last one begins no later than this
public record RetryPolicy(Duration firstPause, Duration maxPause, Duration deadline) {
    /// Rides out a store's restart or a short loss of the network, and does not hide a longer one.
    public static final RetryPolicy DEFAULT =
            new RetryPolicy(Duration.ofMillis(50), Duration.ofSeconds(5), Duration.ofMinutes(1));

    private static final int MAX_DOUBLINGS = 30;

    /// As after so many failures more.
    private static final int THROTTLED_DOUBLINGS = 4;

    public RetryPolicy {
        if (firstPause.compareTo(Duration.ZERO) <= 0
                || maxPause.compareTo(firstPause) < 0
                || deadline.isNegative()) {
            throw new IllegalArgumentException(
                    "pauses "
                            + firstPause
                            + " to "
                            + maxPause
                            + ", deadline "
                            + deadline
                            + ": not in order");
        }
    }

    /// "Full jitter": anything from nothing up to the doubled pause, so that many writers that
    /// failed together do not come back together.
    ///
    /// @param attempts how many have failed, from 1
    Duration pauseAfter(int attempts, RandomGenerator random) {
        return Duration.ofNanos(random.nextLong(longestPause(attempts) + 1));
    }

    /// After a store has asked for fewer requests: much longer, and never nothing.
    ///
    /// @param attempts how many have failed, from 1
    Duration throttledPauseAfter(int attempts, RandomGenerator random) {
        long half = longestPause(attempts + THROTTLED_DOUBLINGS) / 2;
        return Duration.ofNanos(half + random.nextLong(half + 1));
    }

    private long longestPause(int attempts) {
        Duration doubled = firstPause.multipliedBy(1L << Math.min(attempts - 1, MAX_DOUBLINGS));
        return (doubled.compareTo(maxPause) < 0 ? doubled : maxPause).toNanos();
    }

    /// The same pauses for as long as that, if it is longer.
    RetryPolicy forAtLeast(Duration time) {
        return deadline.compareTo(time) < 0 ? new RetryPolicy(firstPause, maxPause, time) : this;
    }
}
