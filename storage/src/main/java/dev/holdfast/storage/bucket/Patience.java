package dev.holdfast.storage.bucket;

import java.time.Duration;

/// How long a request is waited for: a while without any progress, and longer only for as many
/// bytes as it moves.
///
/// What waits is used up by the time, and given back by each byte, up to all of it. So one that
/// stands still is given up after that while, however much it moved before; and one that goes on
/// lasts no longer than that while and its bytes at [#LEAST_BYTES_A_SECOND]: a peer that takes, or
/// gives, a few now and then would else hold its place for hours.
///
/// Used by one thread.
final class Patience {
    /// 64 KiB in 20 s: what an uplink of 16 kB/s has for each of five requests, as many as one
    /// bucket may have under way (four parts of a snapshot, a log object).
    static final long LEAST_BYTES_A_SECOND = 64 * 1024 / 20;

    private static final long NANOS_A_BYTE = Duration.ofSeconds(1).toNanos() / LEAST_BYTES_A_SECOND;

    private final Duration all;
    private final long begin;
    private final long bytesBefore;
    private long left;
    private long lastLook;
    private long lastMove;
    private long bytesSeen;

    /// @param all how long it may stand still
    /// @param now of a clock of nanoseconds
    /// @param bytes moved by now
    Patience(Duration all, long now, long bytes) {
        this.all = all;
        this.left = all.toNanos();
        this.begin = now;
        this.lastLook = now;
        this.lastMove = now;
        this.bytesBefore = bytes;
        this.bytesSeen = bytes;
    }

    /// Looks again. Whether it is to be given up.
    ///
    /// @param bytes moved by now, at least as many as at the last look
    boolean isOver(long now, long bytes) {
        long moved = bytes - bytesSeen;
        left = Math.min(all.toNanos(), left - (now - lastLook) + moved * NANOS_A_BYTE);
        lastLook = now;
        if (moved > 0) {
            lastMove = now;
            bytesSeen = bytes;
        }
        return left <= 0;
    }

    /// What a server has done that is given up.
    String words() {
        boolean isSilent = lastLook - lastMove >= all.toNanos() / 2;
        return isSilent
                ? "has not answered for " + all.toSeconds() + " s"
                : "gets on too slowly: %d bytes in %d s, wanted %d a second"
                        .formatted(
                                bytesSeen - bytesBefore,
                                Duration.ofNanos(lastLook - begin).toSeconds(),
                                LEAST_BYTES_A_SECOND);
    }
}
