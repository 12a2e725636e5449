package dev.holdfast.replicator;

import dev.holdfast.wal.WalIndexHeader;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/// How the application has gone on lately: tells one that never pauses from one that does, and what
/// was there a while ago from what came since.
final class Pace {
    /// A shorter pause is none: a checkpoint of the application's own, or a slow disk.
    private static final long PAUSE_NANOS = Duration.ofMillis(50).toNanos();

    /// Who has gone on for so long is not expected to stop.
    private static final long UNRELENTING_NANOS = Duration.ofSeconds(2).toNanos();

    /// Who reads for longer is no short reader, and keeps the WAL for who knows how long.
    static final long SHORT_READ_NANOS = Duration.ofMillis(50).toNanos();

    private final Timekeeper time;
    private long easedAt;
    private @Nullable WalIndexHeader last;
    private long grownFrames;
    private @Nullable WalIndexHeader earlier;
    private @Nullable WalIndexHeader recent;
    private long recentAt;

    Pace(Timekeeper time) {
        this.time = time;
        this.easedAt = time.nanoTime();
        this.recentAt = easedAt;
    }

    /// @param oracle as read a moment ago
    /// @param quietNanos since the last commit
    void note(WalIndexHeader oracle, long quietNanos) {
        long now = time.nanoTime();
        if (quietNanos >= PAUSE_NANOS) {
            easedAt = now;
        }
        grownFrames = oracle.maxFrame() - frames(last, oracle);
        last = oracle;
        if (recent == null || now - recentAt >= SHORT_READ_NANOS) {
            earlier = recent;
            recent = oracle;
            recentAt = now;
        }
    }

    /// The WAL can begin anew with the next transaction.
    void landed() {
        easedAt = time.nanoTime();
    }

    /// Whether there was neither a pause nor a landing for long.
    boolean isUnrelenting() {
        return time.nanoTime() - easedAt >= UNRELENTING_NANOS;
    }

    /// How many frames have come from the look before the last to the last.
    long grownFrames() {
        return grownFrames;
    }

    /// The last frame that was there a while ago: who reads an older state has begun before that.
    long longAgo(WalIndexHeader oracle) {
        return frames(earlier, oracle);
    }

    /// How many frames there were in the same generation.
    private static long frames(@Nullable WalIndexHeader before, WalIndexHeader now) {
        return before != null && before.end().sameGeneration(now.end()) ? before.maxFrame() : 0;
    }
}
