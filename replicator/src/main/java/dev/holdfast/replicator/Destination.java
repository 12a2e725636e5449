package dev.holdfast.replicator;

import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.seal.Sealing;
import dev.holdfast.storage.state.LogPoint;
import dev.holdfast.wal.WalIndexHeader;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// One of the places that the log is shipped to, at its own pace: with its own mark, budget and
/// snapshots. One that is away is waited for, in a thread of its own; nobody else waits for it.
///
/// Nothing is stored there before it has *joined*: what it has is the beginning of our log, or
/// nothing.
final class Destination {
    private static final Duration LOOK_PATIENCE = Duration.ofSeconds(5);
    private static final Duration LOOK_PAUSE = Duration.ofSeconds(5);

    private final ObjectStore store;
    private final Spool spool;
    private final Joining joining;
    private final ShippedMark mark;
    private final Snapshots snapshots;
    private final Shipper shipper;
    private final Bell filling = new Bell();
    private final ObjectStore filled;
    private final Bell capture;
    private final Supplier<Optional<ObjectStore>> others;
    private final Timekeeper time;
    private final Consumer<FollowerEvent> events;
    private final ReentrantLock telling = new ReentrantLock();
    private final Signals signals;

    /// It may be written. Set by the shipper's thread, or before that runs.
    private volatile boolean hasJoined;

    private volatile @Nullable Newest newest;

    /// Taken by who is first; by the shipper's thread once that runs.
    private @Nullable EarlyAnswer asked;

    /// What it lacks only another destination has.
    private volatile boolean isLacking;

    private volatile boolean isStopping;

    // Of the capture thread
    private boolean hasBegun;
    private boolean hasMissedFirst;

    /// Its newest snapshot, once that was looked for.
    private record Newest(Optional<SnapshotAge> age) {}

    /// @param isAlone whether there is no other
    /// @param others another one that has the log, if there is one now
    /// @param capture rung when there is something to be done for the capture thread
    /// @param ended takes why nothing more can be shipped in this run
    Destination(
            DestinationOptions to,
            boolean isAlone,
            LogStart start,
            FollowerOptions options,
            Sealing sealing,
            Spool spool,
            Supplier<Optional<ObjectStore>> others,
            Bell capture,
            Timekeeper time,
            Consumer<FollowerEvent> events,
            Consumer<RuntimeException> ended) {
        ByteBudget bytes = new ByteBudget(to.bandwidth(), time);
        this.store = to.store();
        this.others = others;
        this.time = time;
        this.spool = spool;
        this.filled =
                bytes.isLimited()
                        ? new PacedStore(
                                store, bytes, ByteBudget.Share.REST, filling, this::isFillingFree)
                        : store;
        this.joining =
                new Joining(filled, start.archive(), start.own(), sealing.current().isPresent());
        this.mark = new ShippedMark(LogPoint.beginning(start.archive()));
        this.capture = capture;
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
        this.signals = new Signals(isAlone, ended);
        this.shipper =
                new Shipper(to, bytes, start.archive(), spool, mark, this::obstacle, time, signals);
    }

    String location() {
        return store.location();
    }

    /// It is known how far it has the log.
    void joined(LogPoint durable) {
        hasJoined = true; // first: who sees how far it is waits until its snapshot is looked for
        mark.advanceTo(durable);
    }

    /// Looks whether its newest history has a snapshot already, so that it can be restored. In a
    /// thread of its own, as each object since then is asked for: nothing is called durable until
    /// it is known, but capture and shipping wait for it for a while only.
    ///
    /// @param end of the log, the spool included
    void findSnapshot(Archive archive, LogPoint end) {
        Thread looking = Thread.ofVirtual().name("holdfast-look").start(() -> look(archive, end));
        try {
            boolean _ = looking.join(LOOK_PATIENCE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(Archive archive, LogPoint end) {
        while (newest == null && !isStopping) {
            try {
                newest = new Newest(SnapshotAge.find(archive, end, spool));
            } catch (SidecarException.StorageUnavailable | SidecarException.StorageDenied e) {
                signals.troubled(e);
                LockSupport.parkNanos(LOOK_PAUSE.toNanos());
            } catch (ClosedChannelException _) {
                // What it looked at was shipped and given back meanwhile
                LockSupport.parkNanos(LOOK_PAUSE.toNanos());
            } catch (IOException e) {
                signals.troubled(
                        new SidecarException.StorageUnavailable(
                                "can't find out how old the newest snapshot is: " + IoReason.of(e),
                                "Nothing is lost; it is tried again.",
                                e));
                LockSupport.parkNanos(LOOK_PAUSE.toNanos());
            } catch (RuntimeException e) { // the top of a thread: the run must not go on without it
                signals.ended(e);
                return;
            }
        }
        capture.ring();
    }

    /// Finds out whether it may be written, if that is not known yet.
    ///
    /// @return why not; tried again later
    /// @throws SidecarException if another writer has written there, or if it is away
    private Optional<SidecarException> obstacle() throws IOException {
        EarlyAnswer early = asked;
        asked = null;
        if (early != null) {
            return early.await();
        }
        return hasLog() ? Optional.empty() : join();
    }

    private Optional<SidecarException> join() throws IOException {
        Joining.Outcome outcome = joining.attempt();
        return outcome instanceof Joining.Outcome.Lacking lacking ? fill(lacking) : join(outcome);
    }

    private Optional<SidecarException> join(Joining.Outcome outcome) throws IOException {
        return switch (outcome) {
            case Joining.Outcome.Joined(Archive archive, LogPoint durable) -> {
                LogPoint end = spool.last().map(SpoolEntry::point).orElse(durable);
                joined(durable); // first: what is durable is told as soon as the other is known
                findSnapshot(archive, end);
                yield Optional.empty();
            }
            case Joining.Outcome.Lacking lacking -> Optional.of(lacking.why());
            case Joining.Outcome.Refused(SidecarException why) -> Optional.of(why);
        };
    }

    private Optional<SidecarException> fill(Joining.Outcome.Lacking lacking) throws IOException {
        isLacking = true;
        Optional<ObjectStore> source = others.get();
        if (source.isEmpty()) {
            return Optional.of(lacking.why());
        }
        CopyFilling copying =
                new CopyFilling(source.get(), filled, lacking, () -> isStopping, time, events);
        Optional<SidecarException> obstacle = copying.run(joining.info());
        if (obstacle.isPresent()) {
            return obstacle;
        }
        Joining.Outcome outcome = joining.attempt();
        if (outcome instanceof Joining.Outcome.Lacking more
                && more.storedSeq() > lacking.storedSeq()) {
            return fill(more); // what has come meanwhile is not here any more either
        }
        obstacle = join(outcome);
        tellDurable(); // nothing more may come for long
        return obstacle;
    }

    /// Looks whether it is empty, before [#beginJoining]: it is new to us, and nothing was
    /// captured.
    void beginLooking() {
        asked = EarlyAnswer.of(joining::whyNotEmpty);
    }

    /// Throws what is there; false for one that is away, or has not answered by then.
    boolean isEmptyWithin(Duration patience) throws IOException {
        EarlyAnswer early = asked;
        asked = null;
        if (early == null || !early.isThereWithin(patience)) {
            return false;
        }
        try {
            Optional<SidecarException> there = early.await();
            if (there.isPresent()) {
                throw there.get();
            }
            return true;
        } catch (SidecarException.StorageUnavailable _) {
            return false;
        }
    }

    /// Has it join, before [#start].
    void beginJoining() {
        asked = EarlyAnswer.of(this::join);
    }

    /// Throws why it may not be written. One that is away, or has not answered by then, is waited
    /// for later.
    void joinedOrAway(Duration patience) throws IOException {
        EarlyAnswer early = asked;
        if (early == null || !early.isThereWithin(patience)) {
            return;
        }
        asked = null;
        Optional<SidecarException> obstacle;
        try {
            obstacle = early.await();
        } catch (SidecarException.StorageUnavailable _) {
            return; // told when it is tried again
        }
        if (obstacle.isPresent() && !isLacking) {
            throw obstacle.get();
        }
    }

    Thread start() {
        return Thread.ofVirtual().name("holdfast-ship").start(shipper::run);
    }

    Shipper shipper() {
        return shipper;
    }

    /// Ends what its thread does.
    void stop() {
        isStopping = true;
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
        Newest now = newest;
        if (hasBegun || now == null) {
            return;
        }
        hasBegun = true;
        Optional<SnapshotAge> known = now.age();
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

    /// Whether what it has can't be restored before a snapshot is stored there.
    boolean isFirstMissing() {
        return snapshots.isFirstMissing();
    }

    /// Whether that snapshot can be expected: also in one that is about to join.
    boolean isFirstExpected() {
        return snapshots.isFirstMissing() && (hasBegun || !shipper.isTroubled());
    }

    FollowerEnd.Reached reached() {
        LogPoint durable = mark.last();
        return new FollowerEnd.Reached(
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
        private final boolean isAlone;
        private final Consumer<RuntimeException> ended;

        private Signals(boolean isAlone, Consumer<RuntimeException> ended) {
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
