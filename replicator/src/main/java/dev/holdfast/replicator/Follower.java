package dev.holdfast.replicator;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.FileActions;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.seal.Sealing;
import dev.holdfast.storage.state.StateFolder;
import dev.holdfast.storage.state.WriterIdentity;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// Follows one database until stopped: waits for it, captures its commits, has them shipped, takes
/// snapshots.
///
/// [#open] makes the log ours; [#run] is the capture thread, which alone touches the database
/// (through [AttachedDatabase]), the compressor and the page map. Shippers and snapshotters have
/// threads of their own. Stopping is a flag, never an interrupt.
public final class Follower implements AutoCloseable {
    private static final Duration ENDING_PAUSE = Duration.ofMillis(20);
    private static final long STATE_CHECK_NANOS = Duration.ofSeconds(1).toNanos();

    private final FollowerOptions options;
    private final StateFolder state;
    private final Spool spool;
    private final LogStart start;
    private final LogWriter log;
    private final Destination first;
    private final Destinations destinations;
    private final Timekeeper time;
    private final Consumer<FollowerEvent> events;
    private final Bell bell = new Bell();
    private final PageKeeper keeper;
    private final AttachedDatabase attached;
    private final Flushing flushing;
    private final AtomicReference<@Nullable RuntimeException> ended = new AtomicReference<>();

    private long stateCheckedAt;
    private boolean isStateLost;
    private volatile boolean isStopping;

    private Follower(
            FollowerOptions options,
            StateFolder state,
            Spool spool,
            List<DestinationOptions> to,
            LogStart start,
            Timekeeper time,
            Consumer<FollowerEvent> events) {
        this.options = options;
        this.state = state;
        this.spool = spool;
        this.start = start;
        this.time = time;
        this.events = events;
        Sealing sealing = new Sealing(options.recipients());
        List<Destination> all =
                to.stream()
                        .map(each ->
                                new Destination(
                                        each,
                                        to.size() == 1,
                                        start,
                                        options,
                                        sealing,
                                        spool,
                                        this::joinedStores,
                                        bell,
                                        time,
                                        events,
                                        this::endAfter))
                        .toList();
        this.first = all.getFirst();
        this.destinations = new Destinations(all);
        SpoolRoom room =
                new SpoolRoom(
                        spool,
                        () -> destinations.durable().seq(),
                        () -> destinations.furthest().seq(),
                        options.spool(),
                        state.path(),
                        options.database());
        this.log =
                new LogWriter(
                        start.archive().id(),
                        start.identity().writer(),
                        options.codec(),
                        time,
                        spool,
                        start.end(),
                        start.known().map(LogStart.Known::source).orElse(SourcePosition.NOWHERE),
                        room,
                        destinations);
        log.seal(sealing);
        this.keeper = new PageKeeper(state, spool, start.archive().id(), room::unneededSeq, time);
        this.attached =
                new AttachedDatabase(
                        options.database(),
                        options.walLimit(),
                        room,
                        state,
                        start,
                        log,
                        destinations,
                        keeper,
                        bell,
                        time,
                        events);
        this.flushing =
                new Flushing(
                        state.path(),
                        state.flushRequests(),
                        attached,
                        log,
                        destinations,
                        time,
                        events);
    }

    private List<ObjectStore> joinedStores() {
        return destinations.joined();
    }

    /// Nothing more can be shipped to one of them: another writer has the archive, say.
    private void endAfter(RuntimeException failure) {
        ended.compareAndSet(null, failure);
        bell.ring();
    }

    /// Locks the state folder, opens or creates the archive, and makes sure that this writer has
    /// it: when this returns, whoever had it before is fenced.
    ///
    /// @param to one at least; the first says whose the log is, and must be there unless this state
    ///   folder has written it before
    /// @throws SidecarException if the archive is another writer's, or can't be reached; if one of
    ///   the others, which was not written by this state folder before, has something else
    public static Follower open(
            FollowerOptions options,
            List<DestinationOptions> to,
            Timekeeper time,
            Consumer<FollowerEvent> events) {
        return open(options, to, time, events, FileActions.REAL);
    }

    /// As [#open(FollowerOptions, List, Timekeeper, Consumer)].
    ///
    /// @param files what is done to state folder and spool
    static Follower open(
            FollowerOptions options,
            List<DestinationOptions> to,
            Timekeeper time,
            Consumer<FollowerEvent> events,
            FileActions files) {
        StateFolder.refuseForeign(options.state());
        StateFolder state = StateFolder.open(options.state(), files);
        try {
            Spool spool = Spool.open(state.spool(), files, options.spool().fileBytes());
            return open(options, to, state, spool, time, events);
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
            List<DestinationOptions> to,
            StateFolder state,
            Spool spool,
            Timekeeper time,
            Consumer<FollowerEvent> events)
            throws IOException {
        try {
            List<ObjectStore> stores = to.stream().map(DestinationOptions::store).toList();
            LogStart start = LogStart.find(stores, state, spool, options, time);
            Rehearsal.run(state.path(), start.archive(), options, time);
            Follower follower = new Follower(options, state, spool, to, start, time, events);
            follower.joinNew(stores.stream().map(ObjectStore::location).toList());
            return follower;
        } catch (IOException | RuntimeException e) {
            spool.close();
            throw e;
        }
    }

    /// What is written from now on is remembered: only a mistake of a new one is refused.
    private void joinNew(List<String> locations) throws IOException {
        WriterIdentity identity = start.identity();
        try {
            List<String> known = new ArrayList<>(identity.stores());
            if (start.end().seq() == 0) {
                known.addAll(destinations.freeOnes(known, time));
            }
            destinations.refuseSecondNames(identity.stores(), identity.writer(), time);
            if (known.size() > identity.stores().size()) {
                // Those are ours from here on, also if one of the others ends this run
                state.saveIdentity(identity.writing(known));
            }
            destinations.joinNew(identity.stores(), time);
            if (!locations.equals(identity.stores())) {
                state.saveIdentity(identity.writing(locations));
            }
        } catch (IOException | RuntimeException e) {
            destinations.stop(time);
            attached.close();
            log.close();
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
        try {
            start.stored().ifPresent(stored -> first.joined(stored.durable()));
            destinations.start();
            if (start.stored().isPresent()) {
                first.snapshotSearch().begin(start.stored().get().archive(), start.end());
            }
            destinations.beginJoined();
            stateCheckedAt = time.nanoTime();
            while (!isStopping && ended.get() == null && !isStateLost) {
                bell.await(turn());
            }
            return finish();
        } catch (IOException e) {
            throw SpoolException.told(state.spool(), e);
        } finally {
            attached.detach();
            destinations.stop(time);
        }
    }

    /// One turn of the loop; returns how long to sleep before the next.
    private Duration turn() {
        if (time.nanoTime() - stateCheckedAt >= STATE_CHECK_NANOS) {
            checkState();
        }
        destinations.beginJoined();
        return flushing.step(attached.turn());
    }

    /// What is spooled from then on is in no file that a next start could find: the run ships what
    /// its descriptors still hold, and ends.
    private void checkState() {
        stateCheckedAt = time.nanoTime();
        if (!isStateLost && !(state.isInPlace() && spool.isInPlace())) {
            isStateLost = true;
            events.accept(FollowerEvent.Troubled.ofState(stateLost("the rest is shipped")));
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
        destinations.hurry(Long.MAX_VALUE);
        flushing.beginEnd();
        long deadline = time.nanoTime() + options.grace().toNanos();
        boolean isAllCaptured = attached.captureRest(deadline);
        while (time.nanoTime() < deadline && !isOver() && ended.get() == null) {
            destinations.beginJoined();
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
                                    .formatted(destinations.durable().tx(), log.end().tx()));
        }
        keepAtEnd();
        FollowerEnd end = new FollowerEnd(isAllCaptured, log.end().tx(), destinations.reached());
        if (end.isAllDurable()) {
            flushing.end();
        }
        return end;
    }

    private void keepAtEnd() {
        try {
            keeper.save(log);
        } catch (SidecarException.LocalFiles e) {
            events.accept(FollowerEvent.Troubled.ofState(e));
        }
    }

    /// Whether the database was left and what was captured of it is shipped.
    private boolean isOver() {
        return !attached.isAttached()
                && destinations.durable().seq() >= log.end().seq()
                && destinations.haveBegun()
                && !log.hasOpen();
    }

    private void throwIfEnded() {
        RuntimeException failure = ended.get();
        if (failure != null) {
            throw failure;
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
}
