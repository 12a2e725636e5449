package dev.holdfast.replicator;

import dev.holdfast.wal.WalBreak;
import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalIndexStep;
import dev.holdfast.wal.WalPosition;
import dev.holdfast.wal.WalStep;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/// Reads every commit of an attached database, hand over hand: a second read transaction begins,
/// what was committed up to it is read, the first one ends. So the WAL is never reset before it was
/// read, and no reader of ours stands in a checkpoint's way for long.
///
/// Owned by the capture thread. Facts about SQLite that this rests on: the class docs of
/// [LiveDatabase], `ARCHITECTURE.md`.
final class Capture {
    /// A pin on a slot above 0 makes the application's TRUNCATE wait: it is renewed at least this
    /// often.
    private static final long LONGEST_PIN_NANOS = Duration.ofMillis(50).toNanos();

    /// A pin on slot 0 hurts nobody; but that it landed there is a conclusion, and for a moment
    /// after it has copied everything back a checkpointer still keeps others from that slot.
    private static final long LONGEST_REST_NANOS = Duration.ofSeconds(1).toNanos();

    /// A look at the WAL can race with a writer a few times, not that often while it is pinned.
    private static final int MAX_BREAKS = 50;

    private final LiveDatabase live;
    private final LogWriter log;
    private final Snapshots snapshots;
    private final Shipper shipper;
    private final CopyBack copyBack;
    private final StepAside stepAside;
    private final Tripwire tripwire;
    private final Timekeeper time;
    private final Consumer<FollowerEvent> events;

    private WalPosition position;
    private boolean isOnSlotZero;
    private long pinnedAt;
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
    Capture(
            LiveDatabase live,
            LogWriter log,
            Snapshots snapshots,
            Shipper shipper,
            Timekeeper time,
            Consumer<FollowerEvent> events,
            WalPosition position,
            WalPosition pinnedEnd) {
        this.live = live;
        this.log = log;
        this.snapshots = snapshots;
        this.shipper = shipper;
        this.time = time;
        this.events = events;
        this.copyBack = new CopyBack(live, new Hands(), time, events);
        this.stepAside = new StepAside(live, time);
        this.tripwire = new Tripwire(live);
        this.position = position;
        this.unread = unreadUpTo(pinnedEnd);
        this.pinnedAt = time.nanoTime();
        this.changedAt = pinnedAt;
    }

    /// One look, and what follows from it.
    ///
    /// @return whether there was something new
    boolean step() throws IOException, LiveDatabaseException {
        return switch (live.readIndex()) {
            case WalIndexStep.Header(WalIndexHeader oracle) -> follow(oracle);
            // A writer died in the midst of it: a read transaction of ours makes SQLite recover it
            case WalIndexStep.Torn _, WalIndexStep.Uninitialized _ ->
                    handOverAfterBreak("the wal-index is not whole");
            case WalIndexStep.Unsupported unsupported ->
                    throw new LiveDatabaseException(
                            "the wal-index is not SQLite's: " + unsupported);
        };
    }

    private boolean follow(WalIndexHeader oracle) throws IOException, LiveDatabaseException {
        boolean isNew = isNew(oracle);
        long now = time.nanoTime();
        WalIndexHeader last = oracle;
        if (isNew) {
            changedAt = now;
            // A writer that never pauses must not keep a snapshot from going on
            Optional<WalIndexHeader> read = handOver();
            if (read.isPresent()) {
                last = read.get();
                snapshots.step(log, live, last);
            }
        } else {
            tripwire.check(oracle);
            cutIfIdle();
            snapshots.step(log, live, oracle);
            if (stepAside.isDue(oracle, isOnSlotZero)) {
                stepAside(oracle);
            } else if (isPinInTheWay(oracle, now)) {
                handOver();
            }
        }
        copyBack.step(last, time.nanoTime() - changedAt, snapshots.wantsCheckpoint());
        return isNew;
    }

    /// Whether somebody may be waiting for the pin: on a slot above 0 it keeps a TRUNCATE from its
    /// end, at once when all is copied back, and after a while in any case.
    private boolean isPinInTheWay(WalIndexHeader oracle, long now) {
        long age = now - pinnedAt;
        return isOnSlotZero
                ? age >= LONGEST_REST_NANOS
                : oracle.isBackfilled() || age >= LONGEST_PIN_NANOS;
    }

    /// Gives the application's checkpointer the slot that it waits for.
    private void stepAside(WalIndexHeader oracle) throws IOException, LiveDatabaseException {
        log.cut();
        // That took its time: only while the checkpointer still keeps all writers out is nothing
        // committed between this look and the letting go
        if (!live.isWriterKeptOutByCheckpointer()
                || !(live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader now))
                || isNew(now)) {
            return;
        }
        isOnSlotZero = false;
        if (stepAside.run(now)) {
            handOver();
            return;
        }
        pinnedAt = time.nanoTime();
        Optional<WalPosition> pinnedEnd = stepAside.provenEnd(position, oracle);
        unread = pinnedEnd.flatMap(this::unreadUpTo);
        if (pinnedEnd.isEmpty()) {
            throw LiveDatabaseException.continuityLost(
                    "the WAL was reset again after a commit that could not be read, while a"
                            + " checkpoint of the application was let through");
        }
    }

    private boolean isNew(WalIndexHeader oracle) {
        if (oracle.maxFrame() == 0) {
            return false;
        }
        return !oracle.end().equals(position);
    }

    private void cutIfIdle() throws SpoolException {
        if (log.hasOpen() && shipper.isIdle()) {
            log.cut();
        }
    }

    /// Takes a younger pin, reads up to it, lets the older one go. Whatever fails, the older pin
    /// stays, and nothing that was read counts.
    ///
    /// @return the oracle as read under the younger pin; empty if no pin could be taken now
    private Optional<WalIndexHeader> handOver() throws IOException, LiveDatabaseException {
        WalIndexStep before = live.readIndex();
        if (!live.take()) {
            return Optional.empty();
        }
        boolean isRead = false;
        try {
            Optional<WalIndexHeader> oracle = readToEnd();
            // Everything is copied back: the younger pin may stand on slot 0, and then nothing but
            // our own copy keeps these commits once a writer resets the WAL
            if (oracle.isPresent() && oracle.get().isBackfilled()) {
                log.cut();
            }
            isRead = oracle.isPresent();
            if (isRead) {
                live.letGoOlder();
                pinnedAt = time.nanoTime();
                isOnSlotZero = isBackfilledThroughout(before, live.readIndex());
                cutIfIdle();
            }
            return oracle;
        } finally {
            if (!isRead) {
                live.letGoYounger();
            }
        }
    }

    /// Whether a pin that was taken in between stands on slot 0: SQLite chooses it if all is copied
    /// back at that moment, and only then. If the checkpointer ended after that, the pin is on a
    /// slot above 0, where an application's TRUNCATE waits for it.
    private static boolean isBackfilledThroughout(WalIndexStep before, WalIndexStep after) {
        return before instanceof WalIndexStep.Header(WalIndexHeader found)
                && after instanceof WalIndexStep.Header(WalIndexHeader now)
                && found.isBackfilled()
                && now.isBackfilled()
                && found.end().equals(now.end());
    }

    /// Appends all commits after the position to the log, up to the last that the wal-index knows
    /// when this begins: a writer that never pauses must not keep anything else from being done.
    /// Empty if the frames can't be believed yet.
    private Optional<WalIndexHeader> readToEnd() throws IOException, LiveDatabaseException {
        if (!(live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader oracle))) {
            return noteBreak("the wal-index is not whole");
        }
        noteUnread(oracle);
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
                case WalBreak.Unsealed(long frame) ->
                        throw LiveDatabaseException.continuityLost(
                                "frame "
                                        + frame
                                        + " of the WAL was committed without a checksum, by an"
                                        + " SQLite that does so after ROLLBACK TO in a large"
                                        + " transaction (3.40 does); its own recovery would drop"
                                        + " it");
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

    private Optional<WalIndexHeader> noteBreak(String what) throws LiveDatabaseException {
        breaks++;
        if (breaks > MAX_BREAKS) {
            throw new LiveDatabaseException(what);
        }
        return Optional.empty();
    }

    private boolean handOverAfterBreak(String what) throws IOException, LiveDatabaseException {
        Optional<WalIndexHeader> unused = noteBreak(what);
        if (live.take()) {
            live.letGoYounger();
        }
        return unused.isPresent();
    }

    /// Reads what was committed until now and cuts: everything is in the spool when this returns.
    /// Tries for a while if the frames can't be believed yet.
    ///
    /// @return whether all of it was read
    boolean finish() throws IOException, LiveDatabaseException {
        boolean isRead = false;
        for (int i = 0; i < MAX_BREAKS && !isRead; i++) {
            isRead = handOver().isPresent();
        }
        log.cut();
        return isRead;
    }

    /// Forgets what was read since the last cut, after the spool failed: it will be read again.
    void rewind() {
        log.giveUp();
        position = log.source().wal();
        countedTo = OptionalInt.empty();
        countedSince = 0;
    }

    /// Whether nothing is to be done before the next commit: everything is copied back and in the
    /// spool.
    boolean isAtRest() {
        return isOnSlotZero && !log.hasOpen();
    }

    /// Whether a checkpointer of the application may be waiting, so that the next look is due soon.
    boolean isWatching() {
        return stepAside.isWatching();
    }

    long quietNanos() {
        return time.nanoTime() - changedAt;
    }

    private final class Hands implements CopyBack.Hands {
        @Override
        public Optional<WalIndexHeader> handOver() throws IOException, LiveDatabaseException {
            return Capture.this.handOver();
        }

        @Override
        public boolean isOnSlotZero() {
            return isOnSlotZero;
        }

        @Override
        public void cut() throws SpoolException {
            log.cut();
        }
    }
}
