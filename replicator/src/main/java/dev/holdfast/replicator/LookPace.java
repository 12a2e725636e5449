package dev.holdfast.replicator;

import java.time.Duration;

/// How soon the followed database is looked at again: at once while it is written to, in growing
/// pauses after that, and once it is idle when a change rings. Owned by the capture thread.
final class LookPace {
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(20);

    /// How long an idle database sleeps at most; a change rings.
    private static final Duration REST = Duration.ofSeconds(1);

    /// The same where nothing rings.
    private static final Duration REST_WITHOUT_WATCH = Duration.ofMillis(50);

    private static final long ACTIVE_NANOS = Duration.ofSeconds(1).toNanos();

    /// A ring comes before what it tells of can be seen: frames are written first.
    private static final long AFTER_RING_NANOS = Duration.ofMillis(100).toNanos();

    private final Timekeeper time;
    private Duration pause = SHORTEST_PAUSE;
    private long ringSeenAt;

    LookPace(Timekeeper time) {
        this.time = time;
    }

    /// Something changed that may not be seen yet.
    void rung() {
        ringSeenAt = time.nanoTime();
        pause = SHORTEST_PAUSE;
    }

    /// The next look is due soon, whatever was before.
    Duration soon() {
        pause = SHORTEST_PAUSE;
        return pause;
    }

    /// Longer than the last one.
    Duration longer() {
        pause = pause.multipliedBy(3).dividedBy(2);
        pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
        return pause;
    }

    /// @param isWatched whether the next change rings
    static Duration rest(boolean isWatched) {
        return isWatched ? REST : REST_WITHOUT_WATCH;
    }

    /// Whether neither a commit nor a ring came lately.
    ///
    /// @param quietNanos since the last commit
    boolean isQuiet(long quietNanos) {
        return quietNanos >= ACTIVE_NANOS && time.nanoTime() - ringSeenAt >= AFTER_RING_NANOS;
    }
}
