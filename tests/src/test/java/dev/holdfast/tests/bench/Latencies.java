package dev.holdfast.tests.bench;

/// How often something took how long, to the microsecond.
final class Latencies {
    private static final int MOST_MICROS = 10_000_000;

    private final int[] counts = new int[MOST_MICROS + 1];
    private long count;
    private long longestNanos;

    void add(long nanos) {
        counts[(int) Math.min(MOST_MICROS, nanos / 1000)]++;
        count++;
        longestNanos = Math.max(longestNanos, nanos);
    }

    long count() {
        return count;
    }

    double longestMillis() {
        return longestNanos / 1e6;
    }

    /// As much as that share of all took at most.
    double millis(double share) {
        long wanted = (long) Math.ceil(share * count);
        long seen = 0;
        for (int micros = 0; micros <= MOST_MICROS; micros++) {
            seen += counts[micros];
            if (seen >= wanted) {
                return micros / 1000.0;
            }
        }
        return longestMillis();
    }
}
