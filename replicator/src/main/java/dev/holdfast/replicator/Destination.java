package dev.holdfast.replicator;

import dev.holdfast.format.failure.Reached;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.seal.Sealing;
import dev.holdfast.storage.state.LogPoint;
import dev.holdfast.wal.WalIndexHeader;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// One of the places that the log is shipped to, at its own pace: with its own mark, budget and
/// snapshots. One that is away is waited for, in a thread of its own; nobody else waits for it.
///
/// Nothing is stored there before it has *joined*: what it has is the beginning of our log, or
/// nothing.
final class Destination {
    private final ObjectStore store;
    private final Spool spool;
    private final Admission admission;
    private final ShippedMark mark;
    private final Snapshots snapshots;
    private final Shipper shipper;
    private final Bell filling = new Bell();
    private final Bell backfillPacing = new Bell();
    private final SnapshotSearch search;
    private final SnapshotBackfill backfill;
    private final Consumer<FollowerEvent> events;
    private final ReentrantLock telling = new ReentrantLock();

    /// It may be written. Set by the shipper's thread, or before that runs.
    private volatile boolean hasJoined;

    private volatile boolean isStopping;

    // Of the capture thread
    private boolean hasBegun;
    private boolean hasMissedFirst;

    /// @param isAlone whether there is no other
    /// @param others those that have the log now, this one too
    /// @param capture rung when there is something to be done for the capture thread
    /// @param ended takes why nothing more can be shipped in this run
    Destination(
            DestinationOptions to,
            boolean isAlone,
            LogStart start,
            FollowerOptions options,
            Sealing sealing,
            Spool spool,
            Supplier<List<ObjectStore>> others,
            Bell capture,
            Timekeeper time,
            Consumer<FollowerEvent> events,
            Consumer<RuntimeException> ended) {
        ByteBudget bytes = new ByteBudget(to.bandwidth(), time);
        this.store = to.store();
        this.spool = spool;
        ObjectStore filled =
                bytes.isLimited()
                        ? new PacedStore(
                                store, bytes, ByteBudget.Share.REST, filling, this::isFillingFree)
                        : store;
        this.admission =
                new Admission(
                        new Joining(
                                filled,
                                start.archive(),
                                start.own(),
                                sealing.current().isPresent(),
                                new NewestObject(start.identity().writer(), !isAlone, time)),
                        () -> others.get().stream().findFirst(),
                        () -> isStopping,
                        time,
                        events,
                        this::admitted);
        this.mark = new ShippedMark(LogPoint.beginning(start.archive()));
        this.events = events;
        this.snapshots =
                new Snapshots(
                        start.archive().id(),
                        start.identity().writer(),
                        options.codec(),
                        sealing,
                        to,
                        bytes,
                        options.snapshots(),
                        mark,
                        capture,
                        time,
                        this::snapshotTold);
        Signals signals = new Signals(capture, isAlone, ended);
        this.search = new SnapshotSearch(spool, () -> isStopping, signals, capture);
        this.shipper =
                new Shipper(to, bytes, start.archive(), spool, mark, this::obstacle, time, signals);
        this.backfill =
                new SnapshotBackfill(
                        bytes.isLimited()
                                ? new PacedStore(
                                        store,
                                        bytes,
                                        ByteBudget.Share.REST,
                                        backfillPacing,
                                        () -> isStopping)
                                : store,
                        start.archive(),
                        () ->
                                others.get().stream()
                                        .filter(other -> !other.location().equals(location()))
                                        .toList(),
                        () -> hasLog() && !snapshots.isFirstMissing(),
                        mark,
                        time,
                        events);
    }

    String location() {
        return store.location();
    }

    ObjectStore store() {
        return store;
    }

    /// It is known how far it has the log.
    void joined(LogPoint durable) {
        hasJoined = true; // first: who sees how far it is waits until its snapshot is looked for
        mark.advanceTo(durable);
    }

    /// Finds out whether it may be written, if that is not known yet.
    ///
    /// @return why not; tried again later
    /// @throws SidecarException if another writer has written there, or if it is away
    private Optional<SidecarException> obstacle() throws IOException {
        Optional<Optional<SidecarException>> early = admission.awaitEarly();
        if (early.isPresent()) {
            return early.get();
        }
        return hasLog() ? Optional.empty() : admission.ask();
    }

    private void admitted(Archive archive, LogPoint durable, boolean wasFilled) {
        LogPoint end = spool.last().map(SpoolEntry::point).orElse(durable);
        joined(durable); // first: what is durable is told as soon as the other is known
        search.begin(archive, end);
        if (wasFilled) {
            tellDurable(); // nothing more may come for long
        }
    }

    Admission admission() {
        return admission;
    }

    SnapshotSearch snapshotSearch() {
        return search;
    }

    Thread start() {
        return Thread.ofVirtual().name("holdfast-ship").start(shipper::run);
    }

    /// @param others how many there are
    Thread startBackfill(int others) {
        return backfill.start(others);
    }

    Shipper shipper() {
        return shipper;
    }

    /// Ends what its thread does.
    void stop() {
        isStopping = true;
        backfill.stop();
        backfillPacing.ring();
        filling.ring();
        shipper.stop();
    }

    /// Sends what is up to segment `seq` whatever the budgets, the snapshot that it needs, and what
    /// must be filled before. By the capture thread.
    void hurry(long seq) {
        snapshots.hurry();
        shipper.hurry(seq);
        filling.ring();
    }

    private boolean isFillingFree() {
        return isStopping || shipper.isHurried();
    }

    /// Its store, if it is known to have the log.
    Optional<ObjectStore> joinedStore() {
        return hasLog() ? Optional.of(store) : Optional.empty();
    }

    /// Whether it has the log up to what is on this machine.
    private boolean hasLog() {
        return hasJoined && !shipper.isOutrun();
    }

    /// How far it has the log; at the beginning while that is not known.
    LogPoint durable() {
        return mark.last();
    }

    /// Takes snapshots from now on, if it is known what it has.
    void beginIfJoined() {
        Optional<SnapshotSearch.Found> found = search.found();
        if (hasBegun || found.isEmpty()) {
            return;
        }
        hasBegun = true;
        Optional<SnapshotAge> known = found.get().newest();
        backfill.wake();
        if (known.isPresent() && !hasMissedFirst) {
            snapshots.resume(known.get());
            tellDurable();
        } else {
            missFirst();
        }
    }

    /// Whether that was done, or must wait until it has joined.
    boolean hasBegun() {
        return hasBegun || !hasJoined;
    }

    /// What comes next, of a history that is about to begin or whose pages are not known, can't be
    /// restored yet.
    void missFirst() {
        hasMissedFirst = true;
        snapshots.missFirst();
        if (shipper.isHurried()) {
            snapshots.hurry(); // a stop, say, that captures a rebase
        }
    }

    void spooled(SpoolEntry entry) {
        snapshots.spooled(entry);
        shipper.wake();
    }

    /// History began anew with `base`, which is the segment at the log's end.
    void rebased(Base base, LogWriter log) throws IOException {
        if (hasBegun) {
            snapshots.rebased(base, log);
        }
    }

    /// Takes a snapshot, or goes on with it, if that is due.
    void step(LogWriter log, LiveDatabase live, WalIndexHeader oracle)
            throws IOException, LiveDatabaseException {
        if (hasBegun) {
            snapshots.step(log, live, oracle, !shipper.isTroubled());
        }
    }

    boolean wantsCheckpoint() {
        return snapshots.wantsCheckpoint();
    }

    void abandonSnapshot(LogWriter log) {
        snapshots.abandon(log);
    }

    /// At the end of the run.
    void awaitSnapshotEnd(Duration patience) {
        snapshots.awaitEnd(patience);
    }

    /// Whether what it has can't be restored before a snapshot is stored there.
    boolean isFirstMissing() {
        return snapshots.isFirstMissing();
    }

    /// Whether that snapshot can be expected: also in one that is about to join.
    boolean isFirstExpected() {
        return snapshots.isFirstMissing() && (hasBegun || !shipper.isTroubled());
    }

    Reached reached() {
        LogPoint durable = mark.last();
        return new Reached(
                store.location(),
                hasJoined,
                durable.tx(),
                spool.bytesAfter(durable.seq()),
                !snapshots.isFirstMissing());
    }

    private void snapshotTold(FollowerEvent event) {
        events.accept(event);
        if (event instanceof FollowerEvent.SnapshotDone) {
            tellDurable();
            backfill.wake();
        }
    }

    /// Until the first snapshot is stored nothing can be restored, and so nothing is called
    /// durable: what the store has acknowledged by then is told after it. One thread a time, so
    /// that the last that is told is the last that is durable.
    private void tellDurable() {
        telling.lock();
        try {
            LogPoint last = mark.last(); // first: a rebase that comes meanwhile is not told
            if (!snapshots.isFirstMissing()) {
                events.accept(
                        new FollowerEvent.Durable(
                                store.location(),
                                last.tx(),
                                last.micros(),
                                last.seq(),
                                spool.bytesAfter(last.seq())));
            }
        } finally {
            telling.unlock();
        }
    }

    /// Called by the shipper's thread.
    private final class Signals implements Shipper.Signals {
        private final Bell capture;
        private final boolean isAlone;
        private final Consumer<RuntimeException> ended;

        private Signals(Bell capture, boolean isAlone, Consumer<RuntimeException> ended) {
            this.capture = capture;
            this.isAlone = isAlone;
            this.ended = ended;
        }

        @Override
        public void durable() {
            tellDurable();
            snapshots.wake();
        }

        @Override
        public void idle() {
            capture.ring();
        }

        @Override
        public void troubled(SidecarException failure) {
            boolean isLocal = failure instanceof SidecarException.LocalFiles;
            FollowerEvent.Part part =
                    isLocal
                            ? new FollowerEvent.Part.State()
                            : new FollowerEvent.Part.Store(store.location());
            events.accept(FollowerEvent.Troubled.of(part, failure));
        }

        @Override
        public boolean isDamageTolerated() {
            return !isAlone; // the others have what it lacks
        }

        @Override
        public void ended(RuntimeException failure) {
            ended.accept(failure);
        }
    }
}
