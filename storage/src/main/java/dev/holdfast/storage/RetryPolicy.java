package dev.holdfast.storage;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long a request is tried again, and how often.
///
/// @param firstPause the longest wait before the second attempt; it doubles with every further one
/// @param maxPause what it doubles up to, unless the store asks for fewer requests
/// @param deadline counted from the first attempt; the last one begins no later than this
public record RetryPolicy(Duration firstPause, Duration maxPause, Duration deadline) {
    /// Rides out a store's restart or a short loss of the network, and does not hide a longer one.
    public static final RetryPolicy DEFAULT =
            new RetryPolicy(Duration.ofMillis(50), Duration.ofSeconds(5), Duration.ofMinutes(1));

    private static final int MAX_DOUBLINGS = 30;

    /// As after so many failures more.
    private static final int THROTTLED_DOUBLINGS = 4;

    /// Up to where the pauses grow for a store that asks for fewer requests: how short they are
    /// else depends on who waits, but not how many requests such a store can bear.
    private static final Duration MAX_THROTTLED_PAUSE = Duration.ofSeconds(30);

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
        return Duration.ofNanos(random.nextLong(longestPause(attempts, maxPause) + 1));
    }

    /// After a store has asked for fewer requests: much longer, whatever the policy, and never
    /// nothing.
    ///
    /// @param attempts how many have failed, from 1
    Duration throttledPauseAfter(int attempts, RandomGenerator random) {
        Duration max = maxPause.compareTo(MAX_THROTTLED_PAUSE) < 0 ? MAX_THROTTLED_PAUSE : maxPause;
        long half = longestPause(attempts + THROTTLED_DOUBLINGS, max) / 2;
        return Duration.ofNanos(half + random.nextLong(half + 1));
    }

    private long longestPause(int attempts, Duration max) {
        Duration doubled = firstPause.multipliedBy(1L << Math.min(attempts - 1, MAX_DOUBLINGS));
        return (doubled.compareTo(max) < 0 ? doubled : max).toNanos();
    }

    /// The same pauses for as long as that, if it is longer.
    RetryPolicy forAtLeast(Duration time) {
        return deadline.compareTo(time) < 0 ? new RetryPolicy(firstPause, maxPause, time) : this;
    }
}
