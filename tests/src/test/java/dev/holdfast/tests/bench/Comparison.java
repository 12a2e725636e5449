package dev.holdfast.tests.bench;

import java.io.IOException;
import java.util.Arrays;

/// What Holdfast does against what can't be done faster, taken in turn in one run.
///
/// @param what is measured of Holdfast
/// @param against what it is compared with
record Comparison(String what, Timed ours, String against, Timed other) {
    /// One round of work.
    @FunctionalInterface
    interface Timed {
        /// Does it, and says how long that took.
        double seconds() throws IOException;
    }

    /// Prints medians and ranges, and the ratio of the medians as one of speeds.
    void print(int rounds) throws IOException {
        double[] others = new double[rounds];
        double[] oursAll = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            others[i] = other.seconds();
            oursAll[i] = ours.seconds();
        }
        print(against, others);
        print(what, oursAll);
        System.out.printf(
                "  %s runs at %.2f of the speed of %s (medians of %d)%n",
                what, median(others) / median(oursAll), against, rounds);
    }

    private static void print(String what, double[] seconds) {
        Arrays.sort(seconds);
        System.out.printf(
                "  %-24s %.2f s (%.2f to %.2f)%n",
                what, median(seconds), seconds[0], seconds[seconds.length - 1]);
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /// Runs `work` and says how long it took.
    static double time(Work work) throws IOException {
        FreeMemory.touch();
        long began = System.nanoTime();
        work.run();
        return (System.nanoTime() - began) / 1e9;
    }

    /// Something that takes time.
    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }
}
