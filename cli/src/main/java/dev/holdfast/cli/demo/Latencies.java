package dev.holdfast.cli.demo;

import java.time.Duration;
import java.util.Arrays;

/// Durations, and which of them a given share does not exceed.
final class Latencies {
    private final long[] sortedMicros;

    /// @param micros less than zero counts as zero: two clocks were read
    Latencies(long[] micros) {
        this.sortedMicros = Arrays.stream(micros).map(it -> Math.max(0, it)).sorted().toArray();
    }

    /// The smallest duration that `share` of all do not exceed; zero if there are none.
    Duration atMost(double share) {
        if (sortedMicros.length == 0) {
            return Duration.ZERO;
        }
        int index = (int) Math.ceil(share * sortedMicros.length) - 1;
        long micros = sortedMicros[Math.clamp(index, 0, sortedMicros.length - 1)];
        return Duration.ofNanos(micros * 1000);
    }
}
