package dev.holdfast.replicator;

import dev.holdfast.wal.WalBreak;
import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalIndexStep;
import dev.holdfast.wal.WalPosition;
import dev.holdfast.wal.WalStep;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/// Reads commit after commit of a live database into the log, and notices if any was missed. While
/// it reads, something of ours keeps the WAL from being reset: a pin or a guard. Owned by the
/// capture thread.
final class CommitReader {
    /// A look at the WAL can race with a writer a few times, not that often while it is pinned.
    private static final int MAX_BREAKS = 50;

    private final LiveDatabase live;
    private final LogWriter log;
    private final Timekeeper time;
    private final Consumer<FollowerEvent> events;
    private WalPosition position;
    private long changedAt;
    private int breaks;

    /// Where the WAL ended when a first pin was taken, while not all up to there was read. That pin
    /// can stand on slot 0, if everything was copied back before we came: then the next write
    /// resets the WAL under us, and what was not read is gone. Empty once it was read.
    private Optional<WalPosition> unread;

    /// The wal-index's change counter when all commits were last read, and how many were read
    /// since. Empty until all were read for the first time.
    private OptionalInt countedTo = OptionalInt.empty();

    private int countedSince;

    /// @param position where the log ends in the database's WAL
    /// @param pinnedEnd where the WAL ended under the first pin
    CommitReader(
            LiveDatabase live,
            LogWriter log,
            Timekeeper time,
            Consumer<FollowerEvent> events,
            WalPosition position,
            WalPosition pinnedEnd) {
        this.live = live;
        this.log = log;
        this.time = time;
        this.events = events;
        this.position = position;
        this.changedAt = time.nanoTime();
        this.unread = unreadUpTo(pinnedEnd);
    }

    WalPosition position() {
        return position;
    }

    /// Since something new was last found.
    long quietNanos() {
        return time.nanoTime() - changedAt;
    }

    /// There is another first pin.
    ///
    /// @param pinnedEnd where the WAL ended under it, if that is known
    void pinnedAnew(Optional<WalPosition> pinnedEnd) {
        unread = pinnedEnd.flatMap(this::unreadUpTo);
    }

    boolean isNew(WalIndexHeader oracle) {
        if (oracle.maxFrame() == 0) {
            return false;
        }
        return !oracle.end().equals(position);
    }

    /// Appends all commits after the position to the log, up to the last that the wal-index knows
    /// when this begins: a writer that never pauses must not keep anything else from being done.
    /// Empty if the frames can't be believed yet.
    Optional<WalIndexHeader> readToEnd() throws IOException, LiveDatabaseException {
        if (!(live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader oracle))) {
            return noteBreak("the wal-index is not whole");
        }
        noteUnread(oracle);
        if (isNew(oracle)) {
            changedAt = time.nanoTime();
        }
        while (isNew(oracle)) {
            Optional<WalPosition> from = start(oracle);
            if (from.isEmpty()) {
                return noteBreak("the WAL does not begin as its index says");
            }
            WalStep step =
                    live.wal()
                            .read(
                                    from.get(),
                                    oracle,
                                    commit -> {
                                        log.append(commit);
                                        position = commit.end();
                                    });
            switch (step) {
                case WalStep.Committed(WalPosition end, int commits, long _) -> {
                    position = end;
                    countedSince += commits;
                    events.accept(
                            new FollowerEvent.Captured(log.appendedTx(), log.appendedMicros()));
                }
                case WalStep.CaughtUp _ -> position = oracle.end();
                case WalBreak.Rewritten rewritten ->
                        throw LiveDatabaseException.continuityLost(
                                "the tail of the WAL was lost and written anew: " + rewritten);
                case WalBreak.Unsealed _ ->
                        // Without the frame's number: it is one trouble, however often it comes
                        throw LiveDatabaseException.unsealed(
                                "the WAL has a commit without a checksum, by an SQLite that makes"
                                        + " such after ROLLBACK TO in a large transaction (3.40"
                                        + " does); its own recovery would drop it");
                case WalBreak.TooLarge(long frames) ->
                        throw LiveDatabaseException.continuityLost(
                                "a transaction of "
                                        + frames
                                        + " frames is more than can be captured");
                case WalBreak found -> {
                    return noteBreak("the WAL and its index differ: " + found);
                }
            }
        }
        breaks = 0;
        checkCount(oracle);
        return Optional.of(oracle);
    }

    /// The tripwire: SQLite counts every commit, so fewer commits than counts means that some were
    /// missed. More is no contradiction (`psow=0` repeats commit frames), nor is a counter that
    /// goes back (a recovery begins it anew).
    private void checkCount(WalIndexHeader oracle) throws LiveDatabaseException {
        int counted = oracle.changeCounter();
        boolean isMissing = countedTo.isPresent() && counted - countedTo.getAsInt() > countedSince;
        countedTo = OptionalInt.of(counted);
        int read = countedSince;
        countedSince = 0;
        if (isMissing) {
            throw LiveDatabaseException.continuityLost(
                    "commits were missed: SQLite's change counter is "
                            + counted
                            + " after "
                            + read
                            + " commits that were read");
        }
    }

    /// Where to read on: in the same generation at the position; in a new one, which can begin only
    /// once all of the one before was read, at its beginning.
    private Optional<WalPosition> start(WalIndexHeader oracle) throws IOException {
        boolean isInside = position.sameGeneration(oracle.end()) && position.frame() > 0;
        return isInside ? Optional.of(position) : live.wal().start(oracle);
    }

    private Optional<WalPosition> unreadUpTo(WalPosition end) {
        return Optional.of(end).filter(found -> found.frame() > 0 && !found.equals(position));
    }

    /// A reset can come only once, and only if nothing was appended since the pin was taken: if the
    /// WAL is another one before its end as it was then was read, commits are gone.
    private void noteUnread(WalIndexHeader oracle) throws LiveDatabaseException {
        if (unread.isEmpty()) {
            return;
        }
        WalPosition end = unread.get();
        if (position.sameGeneration(end) && position.frame() >= end.frame()) {
            unread = Optional.empty();
        } else if (!oracle.end().sameGeneration(end)) {
            throw LiveDatabaseException.continuityLost(
                    "the WAL was reset before all that was in it could be read");
        }
    }

    Optional<WalIndexHeader> noteBreak(String what) throws LiveDatabaseException {
        breaks++;
        if (breaks > MAX_BREAKS) {
            throw new LiveDatabaseException(what);
        }
        return Optional.empty();
    }

    /// Goes back to where the log ends.
    void rewind() {
        position = log.source().wal();
        countedTo = OptionalInt.empty();
        countedSince = 0;
    }
}
