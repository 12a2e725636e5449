package dev.holdfast.replicator;

import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalIndexStep;
import dev.holdfast.wal.WalPosition;
import dev.holdfast.wal.WalStep;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/// Lets go of the pin altogether for a moment, when a checkpointer of the application waits and
/// handing over does not help it.
///
/// A checkpointer that must wait for a reader's slot remembers the slot. SQLite puts a new reader
/// on the slot with the newest mark, so a younger pin can join the very slot that is waited for,
/// and then every later one does: a TRUNCATE was seen to wait out its 30 s. Only an empty slot ends
/// that, for longer than the checkpointer's longest nap of 100 ms.
///
/// Meanwhile a guard keeps the WAL from being reset, see [LiveDatabase#standGuard]. Where none can
/// stand, nothing does: everything in the WAL was read and forced into the spool before, and
/// afterwards it is proven that nothing was committed that is not there to be read. Owned by the
/// capture thread.
final class StepAside {
    private static final long PATIENCE_NANOS = Duration.ofMillis(10).toNanos();
    private static final long LONGEST_NANOS = Duration.ofMillis(150).toNanos();

    /// If it did not help, it was another reader that the checkpointer waits for.
    private static final long AFTER_VAIN_NANOS = Duration.ofSeconds(2).toNanos();

    /// A lock that nobody else can share is held this long by a recovery or by an application that
    /// leaves WAL mode: then an attachment anew finds out what is there.
    private static final long LONGEST_AWAY_NANOS = Duration.ofSeconds(3).toNanos();

    private static final long LOOK_NANOS = 200_000;

    /// Resets in a row that are believed to be resets: far more than can come while we are away,
    /// and far fewer than would make salts that a recovery drew at random look like it.
    private static final int MOST_RESETS = 10_000;

    private final LiveDatabase live;
    private final Timekeeper time;
    private boolean isSeen;
    private int seenCounter;
    private long seenSince;
    private long notBefore;

    StepAside(LiveDatabase live, Timekeeper time) {
        this.live = live;
        this.time = time;
        this.notBefore = time.nanoTime();
    }

    /// Whether a checkpointer has been at it for so long that it probably waits.
    ///
    /// @param oracle that shows nothing new to read
    boolean isDue(WalIndexHeader oracle, boolean isOnSlotZero) {
        long now = time.nanoTime();
        if (isOnSlotZero || oracle.isBackfilled() || !live.isWriterKeptOutByCheckpointer()) {
            isSeen = false;
            return false;
        }
        if (!isSeen || seenCounter != oracle.changeCounter()) {
            isSeen = true;
            seenCounter = oracle.changeCounter();
            seenSince = now;
        }
        return now - seenSince >= PATIENCE_NANOS && now - notBefore >= 0;
    }

    /// Whether it is to be looked at often.
    boolean isWatching() {
        return isSeen;
    }

    /// Lets go until the checkpointer is through.
    ///
    /// @param before the oracle, with all of it read
    /// @return whether a guard stands, and a hand-over is to follow; else the pin is taken again
    boolean run(WalIndexHeader before) throws LiveDatabaseException, IOException {
        isSeen = false;
        boolean isGuarded = live.standGuard();
        if (!isGuarded) {
            live.letGoEntirely();
        }
        long began = time.nanoTime();
        while (isWaitedFor(before) && time.nanoTime() - began < LONGEST_NANOS) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
        if (isWaitedFor(before)) {
            notBefore = time.nanoTime() + AFTER_VAIN_NANOS;
        }
        if (!isGuarded) {
            takeAgain();
        }
        return isGuarded;
    }

    private void takeAgain() throws LiveDatabaseException {
        long gone = time.nanoTime();
        while (!live.takeAgain()) {
            if (time.nanoTime() - gone > LONGEST_AWAY_NANOS) {
                throw new LiveDatabaseException(
                        "the database was locked while a checkpoint of the application was let"
                                + " through, and has stayed so");
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /// Whether the checkpointer may still wait for the slot. Once all is copied back it waits for
    /// no pin on slot 0, where the next one lands. Without that look another checkpoint, of one who
    /// makes one after the other, would be taken for the same, and we would be away for all of
    /// them.
    private boolean isWaitedFor(WalIndexHeader before) throws IOException {
        return live.isWriterKeptOutByCheckpointer()
                && live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader now)
                && now.salt1() == before.salt1()
                && !now.isBackfilled();
    }

    /// Where the WAL ends, if all that was committed while there was no pin can still be read: it
    /// is the same WAL, or it was reset and all commits that were counted since are in it now.
    ///
    /// @param position up to where everything had been read
    /// @param before the oracle then
    Optional<WalPosition> provenEnd(WalPosition position, WalIndexHeader before)
            throws IOException {
        if (!(live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader now))) {
            return Optional.empty();
        }
        boolean isInPlace = position.frame() > 0 && live.wal().stillInPlace(position, now);
        return isInPlace || isCounted(before, now) ? Optional.of(now.end()) : Optional.empty();
    }

    private boolean isCounted(WalIndexHeader before, WalIndexHeader now) throws IOException {
        // The counter alone proves nothing: a recovery begins it anew
        int resets = now.end().resetsSince(before.end());
        if (resets < 1 || resets > MOST_RESETS) {
            return false;
        }
        int committed = now.changeCounter() - before.changeCounter();
        if (now.maxFrame() == 0) {
            return committed == 0;
        }
        Optional<WalPosition> start = live.wal().start(now);
        if (start.isEmpty()) {
            return false;
        }
        int[] readable = {0};
        WalPosition from = start.get();
        while (live.wal().read(from, now, _ -> readable[0]++)
                instanceof WalStep.Committed(WalPosition end, int _, long _)) {
            from = end;
        }
        return from.equals(now.end()) && readable[0] == committed;
    }
}
