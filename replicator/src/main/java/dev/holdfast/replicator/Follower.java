package dev.holdfast.replicator;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.FileActions;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.state.LogPoint;
import dev.holdfast.storage.state.StateFolder;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Follows one database until stopped: waits for it, captures its commits, has them shipped, takes
/// snapshots.
///
/// [#open] makes the log ours; [#run] is the capture thread, which alone touches the database
/// (through [AttachedDatabase]), the compressor and the page map. The shipper and the snapshotter
/// have threads of their own. Stopping is a flag, never an interrupt.
public final class Follower implements AutoCloseable {
    private static final Duration ENDING_PAUSE = Duration.ofMillis(20);
    private static final long STATE_CHECK_NANOS = Duration.ofSeconds(1).toNanos();

    private final FollowerOptions options;
    private final StateFolder state;
    private final Spool spool;
    private final LogStart start;
    private final LogWriter log;
    private final ShippedMark mark;
    private final Shipper shipper;
    private final Snapshots snapshots;
    private final Timekeeper time;
    private final Consumer<FollowerEvent> events;
    private final Bell bell = new Bell();
    private final PageKeeper keeper;
    private final AttachedDatabase attached;
    private final Flushing flushing;
    private final ReentrantLock telling = new ReentrantLock();
    private final AtomicReference<@Nullable RuntimeException> ended = new AtomicReference<>();

    private long stateCheckedAt;
    private boolean isStateLost;
    private volatile boolean isStopping;

    private Follower(
            FollowerOptions options,
            StateFolder state,
            Spool spool,
            ObjectStore store,
            LogStart start,
            Timekeeper time,
            Consumer<FollowerEvent> events) {
        this.options = options;
        this.state = state;
        this.spool = spool;
        this.start = start;
        this.time = time;
        this.events = events;
        Archive archive = start.archive();
        this.mark = new ShippedMark(start.durable());
        this.shipper =
                new Shipper(
                        store, archive.info(), spool, mark, options.uploads(), time, new Signals());
        this.snapshots =
                new Snapshots(
                        archive.info().id(),
                        start.identity().writer(),
                        options.codec(),
                        store,
                        options.snapshots(),
                        mark,
                        bell,
                        time,
                        this::snapshotTold);
        this.log =
                new LogWriter(
                        archive.info().id(),
                        start.identity().writer(),
                        options.codec(),
                        time,
                        spool,
                        start.end(),
                        start.known().map(LogStart.Known::source).orElse(SourcePosition.NOWHERE),
                        new Spooling());
        this.keeper = new PageKeeper(state, spool, archive.info().id(), mark, time);
        this.attached =
                new AttachedDatabase(
                        options.database(),
                        options.walLimit(),
                        state,
                        start,
                        log,
                        snapshots,
                        shipper,
                        keeper,
                        bell,
                        time,
                        events);
        this.flushing =
                new Flushing(
                        state.flushRequests(),
                        attached,
                        log,
                        shipper,
                        mark,
                        snapshots,
                        time,
                        events);
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
                                last.tx(),
                                last.micros(),
                                last.seq(),
                                spool.bytesAfter(last.seq())));
            }
        } finally {
            telling.unlock();
        }
    }

    /// Locks the state folder, opens or creates the archive, and makes sure that this writer has
    /// it: when this returns, whoever had it before is fenced.
    ///
    /// @param store retries by itself; stays the caller's to close
    /// @throws SidecarException if the archive is another writer's, or can't be reached
    public static Follower open(
            FollowerOptions options,
            ObjectStore store,
            Timekeeper time,
            Consumer<FollowerEvent> events) {
        return open(options, store, time, events, FileActions.REAL);
    }

    /// As [#open(FollowerOptions, ObjectStore, Timekeeper, Consumer)].
    ///
    /// @param files what is done to state folder and spool
    static Follower open(
            FollowerOptions options,
            ObjectStore store,
            Timekeeper time,
            Consumer<FollowerEvent> events,
            FileActions files) {
        StateFolder.refuseForeign(options.state());
        StateFolder state = StateFolder.open(options.state(), files);
        try {
            Spool spool = Spool.open(state.spool(), files);
            return open(options, store, state, spool, time, events);
        } catch (IOException e) {
            state.closeUnused();
            throw SpoolException.told(state.spool(), e);
        } catch (RuntimeException e) {
            state.closeUnused();
            throw e;
        }
    }

    private static Follower open(
            FollowerOptions options,
            ObjectStore store,
            StateFolder state,
            Spool spool,
            Timekeeper time,
            Consumer<FollowerEvent> events)
            throws IOException {
        try {
            LogStart start = LogStart.find(store, state, spool, options, time);
            Rehearsal.run(state.path(), start.archive().info(), options, store, time);
            return new Follower(options, state, spool, store, start, time, events);
        } catch (IOException | RuntimeException e) {
            spool.close();
            throw e;
        }
    }

    /// Asks [#run] to ship the rest and return. From any thread.
    public void stop() {
        isStopping = true;
        bell.ring();
    }

    /// Follows until [#stop], then makes durable what was captured, within the grace time. Called
    /// once.
    ///
    /// @throws SidecarException if the run can't go on: another writer took over, or the database
    ///   can't be followed
    public FollowerEnd run() {
        Thread shipping = Thread.ofVirtual().name("holdfast-ship").start(shipper::run);
        shipper.wake();
        try {
            findSnapshot();
            stateCheckedAt = time.nanoTime();
            while (!isStopping && ended.get() == null && !isStateLost) {
                bell.await(turn());
            }
            return finish();
        } catch (IOException e) {
            throw SpoolException.told(state.spool(), e);
        } finally {
            attached.detach();
            shipper.stop();
            join(shipping);
        }
    }

    /// Whether the newest history already has a snapshot, so that it can be restored.
    private void findSnapshot() throws IOException {
        Optional<SnapshotAge> newest = SnapshotAge.find(start.archive(), start.end(), spool);
        if (newest.isPresent()) {
            snapshots.resume(
                    newest.get().micros(), newest.get().logBytes(), newest.get().segments());
            tellDurable();
        } else {
            snapshots.missFirst();
        }
    }

    /// One turn of the loop; returns how long to sleep before the next.
    private Duration turn() {
        if (time.nanoTime() - stateCheckedAt >= STATE_CHECK_NANOS) {
            checkState();
        }
        return flushing.step(attached.turn());
    }

    /// What is spooled from then on is in no file that a next start could find: the run ships what
    /// its descriptors still hold, and ends.
    private void checkState() {
        stateCheckedAt = time.nanoTime();
        if (!isStateLost && !(state.isInPlace() && spool.isInPlace())) {
            isStateLost = true;
            events.accept(FollowerEvent.Troubled.of(stateLost("the rest is shipped")));
        }
    }

    private SidecarException stateLost(String consequence) {
        return new SidecarException.LocalFiles(
                "the state folder "
                        + options.state()
                        + ", or the spool in it, was removed or replaced: "
                        + consequence,
                "Start replicate again with --take-over, which begins with a rebase; keep the"
                        + " folder as long as Holdfast runs.");
    }

    /// Captures the rest, and waits within the grace time until it is durable and can be restored.
    private FollowerEnd finish() throws SpoolException {
        throwIfEnded();
        shipper.hurry(Long.MAX_VALUE);
        flushing.beginEnd();
        long deadline = time.nanoTime() + options.grace().toNanos();
        boolean isAllCaptured = attached.captureRest(deadline);
        while (time.nanoTime() < deadline && !isOver() && ended.get() == null) {
            attached.waitForSnapshot();
            bell.await(ENDING_PAUSE);
        }
        attached.leave();
        throwIfEnded();
        checkState();
        if (isStateLost) {
            throw stateLost(
                    isOver()
                            ? "all is durable up to transaction " + log.end().tx()
                            : "what was captured after transaction %d, up to %d, is lost"
                                    .formatted(mark.last().tx(), log.end().tx()));
        }
        keepAtEnd();
        LogPoint durable = mark.last();
        FollowerEnd end =
                new FollowerEnd(
                        isAllCaptured,
                        log.end().tx(),
                        durable.tx(),
                        spool.bytesAfter(durable.seq()),
                        !snapshots.isFirstMissing());
        if (end.isAllDurable()) {
            flushing.end();
        }
        return end;
    }

    private void keepAtEnd() {
        try {
            keeper.save(log);
        } catch (SidecarException.LocalFiles e) {
            events.accept(FollowerEvent.Troubled.of(e));
        }
    }

    /// Whether the database was left and what was captured of it is shipped.
    private boolean isOver() {
        return !attached.isAttached() && mark.seq() >= log.end().seq() && !log.hasOpen();
    }

    private void throwIfEnded() {
        RuntimeException failure = ended.get();
        if (failure != null) {
            throw failure;
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join(Duration.ofSeconds(30));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        attached.close();
        log.close();
        try (state) {
            spool.close();
        } catch (IOException e) {
            throw SpoolException.told(state.spool(), e);
        }
    }

    private final class Spooling implements LogWriter.Listener {
        /// Before the shipper can see anything that must not be called durable yet.
        @Override
        public void beginsAnew() {
            snapshots.missFirst();
        }

        @Override
        public void spooled(SpoolEntry entry) {
            snapshots.spooled(entry);
            shipper.wake();
        }
    }

    /// Called by the shipper's thread.
    private final class Signals implements Shipper.Signals {
        @Override
        public void durable() {
            tellDurable();
            snapshots.wake();
        }

        @Override
        public void idle() {
            bell.ring();
        }

        @Override
        public void troubled(SidecarException failure) {
            events.accept(FollowerEvent.Troubled.of(failure));
        }

        @Override
        public void ended(RuntimeException failure) {
            ended.set(failure);
            bell.ring();
        }
    }
}
