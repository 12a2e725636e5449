package dev.holdfast.format;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// Times as the archive keeps them: microseconds since 1970-01-01T00:00:00Z, UTC.
public final class Micros {
    /// Below 2^53 (the year 2255), so that any reader's number type holds it.
    public static final long MAX = (1L << 53) - 1;

    private Micros() {}

    /// Cuts off what is finer than a microsecond.
    public static long of(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    public static Instant toInstant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /// The moment of something that came after `previous`: `now`, unless the clock went back or
    /// stood still.
    public static long after(long previous, long now) {
        return Math.max(now, previous + 1);
    }
}
