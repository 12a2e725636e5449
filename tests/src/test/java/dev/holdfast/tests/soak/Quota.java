package dev.holdfast.tests.soak;

import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// The rounds that are left to be run, given out campaign by campaign to those who run them side by
/// side, and what has come of the others.
final class Quota {
    private static final int ROUNDS_OF_A_CAMPAIGN = 12;

    private final Consumer<String> out;
    private final ReentrantLock lock = new ReentrantLock();
    private int left;
    private long nextSeed;
    private volatile boolean isClosed;
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
    Optional<Part> next() {
        lock.lock();
        try {
            if (isClosed || left == 0) {
                return Optional.empty();
            }
            Part part = new Part(nextSeed++, Math.min(ROUNDS_OF_A_CAMPAIGN, left));
            left -= part.rounds();
            return Optional.of(part);
        } finally {
            lock.unlock();
        }
    }

    /// The part is done; what it did not run is left.
    void done(Part part, Tally tally) {
        lock.lock();
        try {
            left += part.rounds() - tally.rounds();
            total = total.plus(tally);
            out.accept("in all: " + total);
        } finally {
            lock.unlock();
        }
    }

    /// Gives out no more.
    void close() {
        isClosed = true;
    }

    /// Once all have ended.
    Tally total() {
        return total;
    }
}
