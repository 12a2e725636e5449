package dev.holdfast.replicator;

import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalIndexStep;
import dev.holdfast.wal.WalPosition;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
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

    private static final int LAST_TRIES = 50;

    private final LiveDatabase live;
    private final LogWriter log;
    private final Destinations destinations;
    private final CommitReader reader;
    private final CopyBack copyBack;
    private final StepAside stepAside;
    private final Tripwire tripwire;
    private final Timekeeper time;

    private boolean isOnSlotZero;
    private long pinnedAt;

    /// @param position where the log ends in the database's WAL
    /// @param pinnedEnd where the WAL ended under the first pin
    /// @param walLimit as in [FollowerOptions]
    Capture(
            LiveDatabase live,
            LogWriter log,
            Destinations destinations,
            Timekeeper time,
            Consumer<FollowerEvent> events,
            WalPosition position,
            WalPosition pinnedEnd,
            long walLimit) {
        this.live = live;
        this.log = log;
        this.destinations = destinations;
        this.time = time;
        this.copyBack = new CopyBack(live, new Hands(), walLimit, time, events);
        this.stepAside = new StepAside(live, time);
        this.tripwire = new Tripwire(live);
        this.reader = new CommitReader(live, log, time, events, position, pinnedEnd);
        this.pinnedAt = time.nanoTime();
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
        boolean isNew = reader.isNew(oracle);
        long now = time.nanoTime();
        WalIndexHeader last = oracle;
        if (isNew) {
            // A writer that never pauses must not keep a snapshot from going on
            Optional<WalIndexHeader> read = handOver();
            if (read.isPresent()) {
                last = read.get();
                destinations.step(log, live, last);
            }
        } else {
            tripwire.check(oracle);
            cutIfIdle();
            destinations.step(log, live, oracle);
            if (stepAside.isDue(oracle, isOnSlotZero)) {
                stepAside(oracle);
            } else if (isPinInTheWay(oracle, now)) {
                handOver();
            }
        }
        // How long the reading took is no pause of the writer
        copyBack(last, isNew ? 0 : reader.quietNanos());
        return isNew;
    }

    private void copyBack(WalIndexHeader last, long quietNanos)
            throws IOException, LiveDatabaseException {
        try {
            copyBack.step(last, quietNanos, destinations.wantsCheckpoint());
        } catch (LiveDatabaseException e) {
            tripwire.forget();
            throw e;
        }
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
                || reader.isNew(now)) {
            return;
        }
        isOnSlotZero = false;
        if (stepAside.run(now)) {
            handOver();
            return;
        }
        pinnedAt = time.nanoTime();
        Optional<WalPosition> pinnedEnd = stepAside.provenEnd(reader.position(), oracle);
        reader.pinnedAnew(pinnedEnd);
        if (pinnedEnd.isEmpty()) {
            throw LiveDatabaseException.continuityLost(
                    "the WAL was reset again after a commit that could not be read, while a"
                            + " checkpoint of the application was let through");
        }
    }

    private void cutIfIdle() throws SpoolException {
        if (log.hasOpen() && destinations.isAnyIdle()) {
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
            Optional<WalIndexHeader> oracle = reader.readToEnd();
            // Everything is copied back: the younger pin may stand on slot 0, and then nothing but
            // our own copy keeps these commits once a writer resets the WAL. In a new WAL: from now
            // on its frames may be copied back, and after a kill only a forced frame of this very
            // WAL, or a file without any of it, proves that nothing was missed.
            if (oracle.isPresent()
                    && (oracle.get().isBackfilled() || !isForcedWithin(reader.position()))) {
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

    private boolean isForcedWithin(WalPosition now) {
        return log.source().wal().sameGeneration(now);
    }

    /// Takes a pin in the guard's stead, if it stands on slot 0: the writer may have gone on.
    private void land(WalIndexHeader read) throws IOException, LiveDatabaseException {
        if (!live.take()) {
            return;
        }
        try {
            isOnSlotZero =
                    live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader now)
                            && now.isBackfilled()
                            && now.end().equals(read.end());
        } finally {
            if (isOnSlotZero) {
                live.letGoOlder();
                pinnedAt = time.nanoTime();
            } else {
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

    private boolean handOverAfterBreak(String what) throws IOException, LiveDatabaseException {
        Optional<WalIndexHeader> unused = reader.noteBreak(what);
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
        for (int i = 0; i < LAST_TRIES && !isRead; i++) {
            isRead = handOver().isPresent();
        }
        log.cut();
        return isRead;
    }

    /// Forgets what was read since the last cut, after the spool failed: it will be read again.
    void rewind() {
        log.giveUp();
        reader.rewind();
    }

    /// Length of the WAL; 0 where it can't be told at the moment.
    long walBytes() {
        try {
            return live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader now)
                    ? now.maxFrame() * now.pageSize()
                    : 0;
        } catch (IOException _) {
            return 0; // the next look says why
        }
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
        return reader.quietNanos();
    }

    private final class Hands implements CopyBack.Hands {
        @Override
        public Optional<WalIndexHeader> handOver() throws IOException, LiveDatabaseException {
            return Capture.this.handOver();
        }

        @Override
        public boolean standGuard() throws IOException, LiveDatabaseException {
            isOnSlotZero = false;
            return live.standGuard();
        }

        @Override
        public Optional<WalIndexHeader> readOnGuard() throws IOException, LiveDatabaseException {
            Optional<WalIndexHeader> read = reader.readToEnd();
            log.cut();
            return read;
        }

        @Override
        public void land(WalIndexHeader read) throws IOException, LiveDatabaseException {
            Capture.this.land(read);
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
