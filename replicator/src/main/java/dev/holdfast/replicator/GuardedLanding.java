package dev.holdfast.replicator;

import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalIndexStep;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// Lands on slot 0 beside a writer that leaves no pause to do it in, by its own checkpoints.
///
/// Past `wal_autocheckpoint` SQLite checkpoints after every commit, in the committing thread. As
/// long as a pin is on a mark they copy little back, and nothing the second time. A guard keeps the
/// WAL from being reset and nothing from being copied back: now each commit takes as long as what
/// it has written takes to get into the database file, which with `synchronous=NORMAL` is two
/// `fsync`. Meanwhile that commit is read and forced here, and when the checkpoint ends all is
/// copied back: a pin that is taken before the next commit stands on slot 0.
///
/// So the writer waits for its own disk for a few commits, and never for a lock of ours. Owned by
/// the capture thread.
final class GuardedLanding {
    private static final long LONGEST_NANOS = Duration.ofSeconds(1).toNanos();

    /// The application's checkpoints have ended by then, or it has none.
    private static final long LONGEST_WAIT_NANOS = Duration.ofMillis(50).toNanos();

    private final LiveDatabase live;
    private final CopyBack.Hands hands;
    private final Timekeeper time;
    private long triedNanos;

    GuardedLanding(LiveDatabase live, CopyBack.Hands hands, Timekeeper time) {
        this.live = live;
        this.hands = hands;
        this.time = time;
    }

    /// Tries for a while. Ends with a pin, or with the guard if none can be taken now.
    ///
    /// @param before all of it read
    /// @return the oracle as it was when it was last read to, if nobody has copied back anything:
    ///   the writer has no checkpoints of its own
    Optional<WalIndexHeader> run(WalIndexHeader before) throws IOException, LiveDatabaseException {
        if (!hands.standGuard()) {
            return Optional.empty();
        }
        triedNanos = 0;
        long began = time.nanoTime();
        long caughtUp = began;
        boolean isVain = false;
        boolean isOver = false;
        while (!isOver) {
            Optional<WalIndexHeader> read = hands.readOnGuard();
            if (caughtUp == began) {
                caughtUp = time.nanoTime();
            }
            if (read.isPresent() && awaitCopied(read.get())) {
                hands.land(read.get());
            }
            long age = time.nanoTime() - began;
            isVain = age >= LONGEST_WAIT_NANOS && !isCopiedSince(before);
            isOver = read.isEmpty() || hands.isOnSlotZero() || isVain || age >= LONGEST_NANOS;
        }
        triedNanos = time.nanoTime() - caughtUp;
        if (hands.isOnSlotZero()) {
            return Optional.empty();
        }
        Optional<WalIndexHeader> last = hands.handOver();
        return isVain ? last : Optional.empty();
    }

    /// How long the last run took, but for its first read: what waits then has to be read anyhow.
    long triedNanos() {
        return triedNanos;
    }

    /// Waits until all that was read is copied back. False if there is something new before that.
    ///
    /// Naps would miss the end of it, as the next commit comes within microseconds; on a single
    /// processor it is the application that is to run.
    @SuppressWarnings("ThreadPriorityCheck")
    private boolean awaitCopied(WalIndexHeader read) throws IOException {
        long began = time.nanoTime();
        while (live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader now)
                && now.end().equals(read.end())
                && time.nanoTime() - began < LONGEST_WAIT_NANOS) {
            if (now.isBackfilled() && !live.isSlotZeroKept()) {
                return true;
            }
            Thread.yield();
        }
        return false;
    }

    /// Whether somebody has copied back anything meanwhile, or there is nothing left of that WAL.
    private boolean isCopiedSince(WalIndexHeader before) throws IOException {
        return !(live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader now))
                || !now.end().sameGeneration(before.end())
                || now.backfilled() != before.backfilled();
    }
}
