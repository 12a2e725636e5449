package dev.holdfast.replicator;

import dev.holdfast.wal.WalIndexHeader;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/// Keeps a writer out that neither pauses nor checkpoints (`wal_autocheckpoint=0`): slows it down
/// until it is caught up with, and holds the write lock around the last hand-over, which lands on
/// slot 0. Owned by the capture thread.
final class LastResort {
    /// The brake is not on for longer than this, unless each round leaves less: the first may have
    /// hundreds of megabytes to copy back.
    private static final long LONGEST_BRAKE_NANOS = Duration.ofSeconds(1).toNanos();

    private final LiveDatabase live;
    private final CopyBack.Hands hands;
    private final TakeOver takeOver;
    private final Timekeeper time;
    private final Consumer<FollowerEvent> events;

    LastResort(
            LiveDatabase live,
            CopyBack.Hands hands,
            Timekeeper time,
            Consumer<FollowerEvent> events) {
        this.live = live;
        this.hands = hands;
        this.takeOver = new TakeOver(live, hands, time, events);
        this.time = time;
        this.events = events;
    }

    /// @param oracle all of it read
    void run(WalIndexHeader oracle) throws IOException, LiveDatabaseException {
        try (Brake brake = new Brake(live, oracle.maxFrame(), time, events)) {
            Optional<WalIndexHeader> last = caughtUp(oracle, brake);
            if (last.isPresent()
                    && Residue.isSmall(last.get())
                    && !live.isKeptByReaderBefore(oracle.maxFrame())) {
                takeOver.run(last.get(), brake);
            }
        }
    }

    /// Rounds with the brake on, until next to nothing is committed during one and little is left.
    /// Empty if not all could be read.
    private Optional<WalIndexHeader> caughtUp(WalIndexHeader oracle, Brake brake)
            throws IOException, LiveDatabaseException {
        long began = time.nanoTime();
        WalIndexHeader last = oracle;
        Optional<WalIndexHeader> after;
        boolean isOver;
        do {
            boolean _ = live.checkpointPassively();
            after = hands.handOver();
            isOver =
                    after.isEmpty()
                            || isCaughtUp(last, after.get())
                            || isInVain(last, after.get(), began, brake)
                            || isKeptByLongReader(began, oracle);
            last = after.orElse(last);
        } while (!isOver);
        return after;
    }

    /// A round that leaves as much as the one before is no reason to give up while the brake can be
    /// tightened: what a fast writer commits in a round's two `fsync` may be more than may be left.
    private boolean isInVain(WalIndexHeader before, WalIndexHeader after, long since, Brake brake) {
        boolean isShrinking = Residue.isShrinking(before, after);
        boolean isTightened = !isShrinking && brake.tighten();
        return time.nanoTime() - since >= LONGEST_BRAKE_NANOS
                && (Residue.isSmall(after) || (!isShrinking && !isTightened));
    }

    private boolean isKeptByLongReader(long since, WalIndexHeader oracle) throws IOException {
        return time.nanoTime() - since >= Pace.SHORT_READ_NANOS
                && live.isKeptByReaderBefore(oracle.maxFrame());
    }

    private static boolean isCaughtUp(WalIndexHeader before, WalIndexHeader after) {
        return !Residue.isOutpaced(before, after) && Residue.isSmall(after);
    }
}
