package dev.holdfast.tests.soak;

import java.util.Optional;
import java.util.function.Consumer;

/// The rounds that are left to be run, given out campaign by campaign to those who run them side by
/// side, and what has come of the others.
final class Quota {
    private static final int ROUNDS_OF_A_CAMPAIGN = 12;

    private final Consumer<String> out;
    private int left;
    private long nextSeed;
    private boolean isClosed;
    private Tally total = Tally.NONE;

    Quota(int rounds, long seed, Consumer<String> out) {
        this.left = rounds;
        this.nextSeed = seed;
        this.out = out;
    }

    /// What one campaign is to do.
    ///
    /// @param rounds fewer are run if SQLite spoils the database
    record Part(long seed, int rounds) {}

    /// The next campaign; empty if none is left, or one has failed.
    synchronized Optional<Part> next() {
        if (isClosed || left == 0) {
            return Optional.empty();
        }
        Part part = new Part(nextSeed++, Math.min(ROUNDS_OF_A_CAMPAIGN, left));
        left -= part.rounds();
        return Optional.of(part);
    }

    /// The part is done; what it did not run is left.
    synchronized void done(Part part, Tally tally) {
        left += part.rounds() - tally.rounds();
        total = total.plus(tally);
        out.accept("in all: " + total);
    }

    /// Gives out no more.
    synchronized void close() {
        isClosed = true;
    }

    synchronized Tally total() {
        return total;
    }
}
