package dev.holdfast.replicator;

import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.FileActions;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.state.LogPoint;
import dev.holdfast.storage.state.StateFolder;
import dev.holdfast.wal.WalPosition;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Follows one database until stopped: waits for it, captures its commits, has them shipped, takes
/// snapshots.
///
/// [#open] decides who may write; [#run] is the capture thread, which alone touches the database,
/// the compressor and the page map. The shipper and the snapshotter have threads of their own.
/// Stopping is a flag, never an interrupt.
public final class Follower implements AutoCloseable {
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(20);
    private static final Duration WAITING_PAUSE = Duration.ofMillis(20);
    private static final int LATE_TRIES = 3;
    private static final Duration TROUBLED_PAUSE = Duration.ofMillis(500);

    /// The first trouble after so long is not waited after: nothing keeps the WAL meanwhile.
    private static final long FORGIVEN_NANOS = Duration.ofSeconds(10).toNanos();

    /// How long an idle database sleeps at most; a change rings.
    private static final Duration REST = Duration.ofSeconds(1);

    /// The same where nothing rings.
    private static final Duration REST_WITHOUT_WATCH = Duration.ofMillis(50);

    private static final long ACTIVE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long AFTER_RING_NANOS = Duration.ofMillis(100).toNanos();
    private static final long PLACE_CHECK_NANOS = Duration.ofSeconds(1).toNanos();

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
    private final DatabaseWatch watch;
    private final Attachment attachment;
    private final PageKeeper keeper;
    private final ReentrantLock telling = new ReentrantLock();
    private final AtomicReference<@Nullable RuntimeException> ended = new AtomicReference<>();

    private @Nullable LiveDatabase live;
    private @Nullable Capture capture;
    private Optional<LogStart.Known> known;
    private RebaseReason reason;
    private Duration pause = SHORTEST_PAUSE;
    private long troubledAt;
    private long placeCheckedAt;
    private long stateCheckedAt;
    private boolean isStateLost;
    private long ringSeenAt;
    private String lastWaiting = "";
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
        this.troubledAt = time.nanoTime() - FORGIVEN_NANOS;
        this.known = start.known();
        this.reason = start.reason();
        Archive archive = start.archive();
        this.mark = new ShippedMark(start.durable());
        this.shipper = new Shipper(store, archive.info(), spool, mark, time, new Signals());
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
                        known.map(LogStart.Known::source).orElse(SourcePosition.NOWHERE),
                        new Spooling());
        this.watch = DatabaseWatch.open(options.database().toAbsolutePath(), bell);
        this.attachment = new Attachment(options.database().toAbsolutePath(), log, time);
        this.keeper = new PageKeeper(state, spool, archive.info().id(), mark, time);
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

    /// Refuses what can't become a database by waiting, before anything is made for it. Not for a
    /// database that this process follows already.
    ///
    /// @throws SidecarException.BadSource if it is refused
    public static void refuseAtOnce(Path database) {
        try {
            if (DatabaseLook.at(database)
                    instanceof DatabaseLook.Refused(String found, String remedy)) {
                throw new SidecarException.BadSource(found, remedy);
            }
        } catch (IOException _) {
            // Following will say so, and try again
        }
    }

    /// Locks the state folder, opens or creates the archive, and makes sure that this writer may go
    /// on.
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
        StateFolder state = StateFolder.open(options.state(), files);
        try {
            Spool spool = Spool.open(state.spool(), files);
            return open(options, store, state, spool, time, events);
        } catch (IOException e) {
            state.close();
            throw SpoolException.told(state.spool(), e);
        } catch (RuntimeException e) {
            state.close();
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
            state.saveIdentity(start.identity());
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
            if (start.claimed().isPresent()) {
                log.claim(start.claimed().get());
                shipper.wake();
            }
            stateCheckedAt = time.nanoTime();
            while (!isStopping && ended.get() == null && !isStateLost) {
                bell.await(turn());
            }
            return finish();
        } catch (IOException e) {
            throw SpoolException.told(state.spool(), e);
        } finally {
            detach();
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
        if (time.nanoTime() - stateCheckedAt >= PLACE_CHECK_NANOS) {
            checkState();
        }
        try {
            return capture == null ? attach() : follow(capture);
        } catch (LiveDatabaseException e) {
            letGoAfter(e);
            return pauseAfterTrouble();
        } catch (SpoolException e) {
            events.accept(FollowerEvent.Troubled.of(SpoolException.told(state.spool(), e)));
            if (capture != null) {
                capture.rewind();
            }
            return TROUBLED_PAUSE;
        } catch (IOException e) {
            letGoAfter(e);
            return pauseAfterTrouble();
        }
    }

    private Duration pauseAfterTrouble() {
        long now = time.nanoTime();
        boolean isFirst = now - troubledAt >= FORGIVEN_NANOS;
        troubledAt = now;
        return isFirst ? Duration.ZERO : TROUBLED_PAUSE;
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

    private void letGoAfter(LiveDatabaseException e) {
        String remedy =
                e.doubt() == LiveDatabaseException.Doubt.NOTHING
                        ? "Make room on the disk of the database; what is committed is captured all"
                                + " the same."
                        : "Holdfast attaches anew by itself; look at the application if this goes"
                                + " on.";
        events.accept(new FollowerEvent.Troubled(String.valueOf(e.getMessage()), remedy));
        switch (e.doubt()) {
            case NOTHING -> {}
            case NONE -> detach();
            case WAL -> {
                // The WAL must not be laid over the file any more
                detach(LiveDatabase::close);
                known = known.map(LogStart.Known::byPagesOnly);
                reason = RebaseReason.DATABASE_REPLACED;
            }
            case EVERYTHING -> {
                detach();
                known = Optional.empty();
                reason = RebaseReason.CONTINUITY_LOST;
            }
        }
    }

    private void letGoAfter(IOException e) {
        events.accept(
                new FollowerEvent.Troubled(
                        "can't read " + options.database() + ": " + IoReason.of(e),
                        "Holdfast attaches anew by itself; check the disk and the permissions of"
                                + " the database if this goes on."));
        detach();
    }

    private Duration attach() throws IOException, LiveDatabaseException {
        return switch (attachment.attempt(known, reason)) {
            case Attachment.Step.Waiting(String why) -> {
                if (!why.equals(lastWaiting)) {
                    lastWaiting = why;
                    events.accept(new FollowerEvent.Waiting(why));
                }
                yield WAITING_PAUSE;
            }
            case Attachment.Step.Attached(
                            LiveDatabase database,
                            WalPosition position,
                            WalPosition pinnedEnd,
                            FollowerEvent.Continuity continuity,
                            Optional<Base> base) -> {
                live = database;
                capture =
                        new Capture(
                                database, log, snapshots, shipper, time, events, position,
                                pinnedEnd);
                lastWaiting = "";
                placeCheckedAt = time.nanoTime();
                events.accept(new FollowerEvent.Following(log.end().tx(), continuity));
                if (base.isPresent()) {
                    begun(base.get());
                }
                yield Duration.ZERO;
            }
        };
    }

    private void begun(Base base) throws IOException {
        snapshots.rebased(base, log);
        try {
            keeper.forget();
        } catch (SidecarException.LocalFiles e) {
            events.accept(FollowerEvent.Troubled.of(e));
        }
        keep();
    }

    /// Without the page map the next start takes longer or rebases; nothing else depends on it.
    private void keep() throws SpoolException {
        try {
            keeper.saveIfDue(log);
        } catch (SidecarException.LocalFiles e) {
            events.accept(FollowerEvent.Troubled.of(e));
        }
    }

    private Duration follow(Capture now) throws IOException, LiveDatabaseException {
        boolean isNew = now.step();
        keep();
        if (isElsewhere()) {
            return WAITING_PAUSE;
        }
        if (isNew) {
            pause = SHORTEST_PAUSE;
            return pause;
        }
        if (watch.isRung()) {
            ringSeenAt = time.nanoTime();
            pause = SHORTEST_PAUSE;
        }
        if (now.isWatching()) {
            pause = SHORTEST_PAUSE;
        }
        boolean isQuiet =
                now.quietNanos() >= ACTIVE_NANOS
                        && time.nanoTime() - ringSeenAt >= AFTER_RING_NANOS;
        if (!isQuiet || !now.isAtRest()) {
            pause = pause.multipliedBy(3).dividedBy(2);
            pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
            return pause;
        }
        pause = SHORTEST_PAUSE;
        boolean isWatched = watch.arm();
        // A commit between the last look and the watch would ring for nobody
        return now.step() ? SHORTEST_PAUSE : isWatched ? REST : REST_WITHOUT_WATCH;
    }

    /// The application may have put another file in the database's place.
    private boolean isElsewhere() throws IOException, SpoolException {
        LiveDatabase database = live;
        long now = time.nanoTime();
        boolean isDue = watch.isRung() || now - placeCheckedAt >= PLACE_CHECK_NANOS;
        if (database == null || !isDue) {
            return false;
        }
        placeCheckedAt = now;
        boolean isElsewhere = !database.isInPlace();
        if (isElsewhere) {
            events.accept(
                    new FollowerEvent.Troubled(
                            options.database() + " was replaced by another file, or removed",
                            "Nothing is to be done: what was committed to it is kept, and what"
                                    + " comes in its place is followed."));
            attachment.avoid(database.moved());
            leave();
            reason = RebaseReason.DATABASE_REPLACED;
        }
        return isElsewhere;
    }

    /// Lets go of the database after trouble: the WAL may hold what was not captured, and stays.
    private void detach() {
        detach(LiveDatabase::closeKeepingWal);
    }

    private interface Closing {
        void close(LiveDatabase database) throws LiveDatabaseException;
    }

    /// Lets go of the database. What is known of it stays: the next attachment proves continuity,
    /// or doesn't.
    private void detach(Closing closing) {
        LiveDatabase database = live;
        if (database == null) {
            return;
        }
        snapshots.abandon(log);
        try {
            log.cutIfWhole();
        } catch (SpoolException e) {
            events.accept(FollowerEvent.Troubled.of(SpoolException.told(state.spool(), e)));
        }
        log.giveUp();
        known = Optional.of(new LogStart.Known(log.pageSize(), log.source(), log.pages()));
        reason = RebaseReason.CONTINUITY_LOST;
        live = null;
        capture = null;
        try {
            closing.close(database);
        } catch (LiveDatabaseException e) {
            events.accept(
                    new FollowerEvent.Troubled(
                            String.valueOf(e.getMessage()), "Nothing is to be done."));
        }
    }

    /// False if what was committed until now could not be read.
    private boolean finishCapture() throws IOException, LiveDatabaseException {
        Capture attached = capture;
        return attached != null && attached.finish();
    }

    /// Captures the rest, and waits within the grace time until it is durable and can be restored.
    private FollowerEnd finish() throws SpoolException {
        throwIfEnded();
        long deadline = time.nanoTime() + options.grace().toNanos();
        boolean isAllCaptured = captureRest();
        while (time.nanoTime() < deadline && !isOver() && ended.get() == null) {
            waitAttached();
            bell.await(LONGEST_PAUSE);
        }
        leave();
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
        return new FollowerEnd(
                isAllCaptured,
                log.end().tx(),
                durable.tx(),
                spool.bytesAfter(durable.seq()),
                !snapshots.isFirstMissing());
    }

    /// Reads what was committed before the stop, attaching for it if need be: the database may just
    /// have come up, or been let go of after trouble.
    private boolean captureRest() throws SpoolException {
        for (int i = 0; i < LATE_TRIES; i++) {
            try {
                if (capture == null) {
                    bell.await(attach());
                }
                if (finishCapture()) {
                    return true;
                }
            } catch (LiveDatabaseException e) {
                letGoAfter(e);
            } catch (SpoolException e) {
                throw e;
            } catch (IOException e) {
                letGoAfter(e);
            }
        }
        return capture == null && isNothingThere();
    }

    private boolean isNothingThere() {
        try {
            return Files.size(options.database()) == 0;
        } catch (NoSuchFileException _) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /// While the first snapshot is under way it needs the database; after that a slow store is no
    /// reason to stand in the application's way.
    private void waitAttached() throws SpoolException {
        Capture attached = capture;
        if (attached == null || !snapshots.isFirstMissing()) {
            leave();
            return;
        }
        try {
            boolean _ = attached.step();
        } catch (LiveDatabaseException e) {
            letGoAfter(e);
        } catch (SpoolException e) {
            throw e;
        } catch (IOException e) {
            letGoAfter(e);
        }
    }

    /// Reads the rest and lets go of the database in peace; if we are the last, SQLite removes the
    /// WAL.
    private void leave() throws SpoolException {
        if (capture == null) {
            return;
        }
        // What it waits for may take its time, and commits may come meanwhile
        snapshots.abandon(log);
        try {
            if (finishCapture()) {
                detach(LiveDatabase::leave);
            } else {
                detach();
            }
        } catch (LiveDatabaseException e) {
            letGoAfter(e);
        } catch (SpoolException e) {
            detach();
            throw e;
        } catch (IOException e) {
            letGoAfter(e);
        }
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
        return capture == null && mark.seq() >= log.end().seq() && !log.hasOpen();
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
        watch.close();
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
