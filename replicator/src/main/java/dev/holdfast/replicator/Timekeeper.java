package dev.holdfast.replicator;

import dev.holdfast.format.Micros;

import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/// The two clocks: the wall's, for what is written down, and a steady one, for measuring.
///
/// @param nanos never goes back; only differences mean something
public record Timekeeper(InstantSource wall, LongSupplier nanos) {
    public static Timekeeper system() {
        return new Timekeeper(InstantSource.system(), System::nanoTime);
    }

    public long micros() {
        return Micros.of(wall.instant());
    }

    public long nanoTime() {
        return nanos.getAsLong();
    }

    /// How long it is until a moment of [#nanoTime]; nothing once that is over.
    Duration until(long moment) {
        return Duration.ofNanos(Math.max(0, moment - nanoTime()));
    }
}
