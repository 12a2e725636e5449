package dev.holdfast.replicator;

import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.state.StateFolder;
import dev.holdfast.wal.WalPosition;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/// The database, attached or not: waits until it can be followed, has its commits captured, and
/// lets go of it, after trouble or in peace. Owned by the capture thread.
final class AttachedDatabase implements AutoCloseable {
    private static final Duration WAITING_PAUSE = Duration.ofMillis(20);
    private static final int LATE_TRIES = 3;
    private static final long PLACE_CHECK_NANOS = Duration.ofSeconds(1).toNanos();

    private final Path database;
    private final long walLimit;
    private final SpoolRoom room;
    private final LogWriter log;
    private final Destinations destinations;
    private final PageKeeper keeper;
    private final Bell bell;
    private final Timekeeper time;
    private final Consumer<FollowerEvent> events;
    private final DatabaseTrouble trouble;
    private final DatabaseWatch watch;
    private final LookPace pace;
    private final Attachment attachment;

    private @Nullable LiveDatabase live;
    private @Nullable Capture capture;
    private Optional<LogStart.Known> known;
    private RebaseReason reason;
    private long placeCheckedAt;
    private String lastWaiting = "";

    /// The last thing that was done found no room.
    private boolean isShortOfRoom;

    /// @param walLimit as in [FollowerOptions]
    /// @param room for what is captured
    AttachedDatabase(
            Path database,
            long walLimit,
            SpoolRoom room,
            StateFolder state,
            LogStart start,
            LogWriter log,
            Destinations destinations,
            PageKeeper keeper,
            Bell bell,
            Timekeeper time,
            Consumer<FollowerEvent> events) {
        this.database = database;
        this.walLimit = walLimit;
        this.room = room;
        this.log = log;
        this.destinations = destinations;
        this.keeper = keeper;
        this.bell = bell;
        this.time = time;
        this.events = events;
        this.trouble = new DatabaseTrouble(database, state, time, events);
        this.watch = DatabaseWatch.open(database.toAbsolutePath(), bell);
        this.pace = new LookPace(time);
        this.attachment = new Attachment(database.toAbsolutePath(), log, time);
        this.known = start.known();
        this.reason = start.reason();
    }

    boolean isAttached() {
        return capture != null;
    }

    /// Attaches, or captures what is new. Returns how long to sleep before the next turn.
    Duration turn() {
        try {
            return capture == null ? attach() : follow(capture);
        } catch (LiveDatabaseException e) {
            letGoAfter(e);
            return trouble.pauseAfterLettingGo();
        } catch (SpoolException e) {
            trouble.ofSpool(e);
            giveBack();
            rewindOrStandOff();
            return DatabaseTrouble.pauseWhileHolding();
        } catch (IOException e) {
            letGoAfter(e);
            return trouble.pauseAfterLettingGo();
        }
    }

    /// What was shipped meanwhile is room for what comes.
    private void giveBack() {
        try {
            keeper.removeUnneeded();
        } catch (SpoolException e) {
            trouble.ofSpool(e);
        }
    }

    private void rewindOrStandOff() {
        Capture attached = capture;
        if (attached != null && !room.isToBeLeft(attached.walBytes())) {
            attached.rewind();
        } else if (attached != null) {
            detach();
            trouble.stoodOff(log.end().tx());
        }
    }

    private Duration attach() throws IOException, LiveDatabaseException {
        if (room.isLeft()) {
            return DatabaseTrouble.pauseWhileHolding();
        }
        return switch (attachment.attempt(known, reason)) {
            case Attachment.Step.Waiting(String why) -> {
                if (!why.equals(lastWaiting)) {
                    lastWaiting = why;
                    events.accept(new FollowerEvent.Waiting(why));
                }
                yield WAITING_PAUSE;
            }
            case Attachment.Step.Attached(
                            LiveDatabase opened,
                            WalPosition position,
                            WalPosition pinnedEnd,
                            FollowerEvent.Continuity continuity,
                            Optional<Base> base) -> {
                live = opened;
                capture =
                        new Capture(
                                opened,
                                log,
                                destinations,
                                time,
                                events,
                                position,
                                pinnedEnd,
                                walLimit);
                lastWaiting = "";
                placeCheckedAt = time.nanoTime();
                events.accept(new FollowerEvent.Following(log.end().tx(), continuity));
                if (base.isPresent()) {
                    begun(base.get());
                } else if (log.pages().isEmpty()) {
                    destinations.missFirst();
                }
                yield Duration.ZERO;
            }
        };
    }

    private void begun(Base base) throws IOException {
        destinations.rebased(base, log);
        try {
            keeper.forget();
        } catch (SidecarException.LocalFiles e) {
            trouble.ofState(e);
        }
        keep();
    }

    /// Without the page map the next start takes longer or rebases; nothing else depends on it.
    private void keep() throws SpoolException {
        try {
            keeper.saveIfDue(log);
        } catch (SidecarException.LocalFiles e) {
            trouble.ofState(e);
        }
    }

    private Duration follow(Capture now) throws IOException, LiveDatabaseException {
        boolean isNew = now.step();
        keep();
        boolean isRung = watch.takeRing();
        if (isElsewhere(isRung)) {
            return WAITING_PAUSE;
        }
        if (isNew) {
            return pace.soon();
        }
        if (isRung) {
            pace.rung();
        }
        if (now.isWatching()) {
            Duration _ = pace.soon();
        }
        if (!pace.isQuiet(now.quietNanos()) || !now.isAtRest()) {
            return pace.longer();
        }
        Duration soon = pace.soon();
        boolean isWatched = watch.arm();
        // A commit between the last look and the watch would ring for nobody
        return now.step() ? soon : LookPace.rest(isWatched);
    }

    /// The application may have put another file in the database's place.
    private boolean isElsewhere(boolean isRung) throws SpoolException {
        LiveDatabase attached = live;
        long now = time.nanoTime();
        boolean isDue = isRung || now - placeCheckedAt >= PLACE_CHECK_NANOS;
        if (attached == null || !isDue) {
            return false;
        }
        placeCheckedAt = now;
        return switch (attached.files().place()) {
            case OpenedFiles.Place.Kept _ -> false;
            case OpenedFiles.Place.Lost _ -> {
                trouble.replaced();
                leave();
                yield true;
            }
            case OpenedFiles.Place.Unknown(IOException why) -> {
                trouble.outOfSight(why);
                yield false;
            }
        };
    }

    /// Reads what was committed before the stop, attaching for it if need be: the database may just
    /// have come up, or been let go of after trouble.
    ///
    /// @param deadline for what others keep from being done
    boolean captureRest(long deadline) throws SpoolException {
        boolean _ = isElsewhere(true);
        for (int i = 0; i < LATE_TRIES || isWorthWaitingFor(deadline); i++) {
            if (isDoneUnlessTroubled(this::attachAndFinish)) {
                return true;
            }
            boolean _ = bell.await(WAITING_PAUSE);
        }
        return capture == null && isNothingThere();
    }

    /// Captures what is committed now, without waiting for anything. False if not all of it could
    /// be read, as of another file that has come into the database's place.
    boolean captureNow() {
        Capture attached = capture;
        if (attached == null) {
            return isNothingThere();
        }
        try {
            return !isElsewhere(true) && isDoneUnlessTroubled(attached::finish);
        } catch (SpoolException e) {
            trouble.ofSpool(e);
            attached.rewind();
            return false;
        }
    }

    private boolean isWorthWaitingFor(long deadline) {
        boolean isWaiting = attachment.isMending() || isShortOfRoom || room.isLeft();
        return isWaiting && time.nanoTime() < deadline;
    }

    private boolean attachAndFinish() throws IOException, LiveDatabaseException {
        if (capture == null) {
            Duration _ = attach();
        }
        return finishCapture();
    }

    private interface Work {
        boolean isDone() throws IOException, LiveDatabaseException;
    }

    /// At a stop: lets go of the database after trouble with it. False then, too.
    private boolean isDoneUnlessTroubled(Work work) throws SpoolException {
        isShortOfRoom = false;
        try {
            return work.isDone();
        } catch (LiveDatabaseException e) {
            letGoAfter(e);
        } catch (SpoolException e) {
            if (!e.isForLackOfRoom()) {
                throw e;
            }
            isShortOfRoom = true;
            trouble.ofSpool(e);
            rewindOrStandOff();
        } catch (IOException e) {
            letGoAfter(e);
        }
        return false;
    }

    /// False if what was committed until now could not be read.
    private boolean finishCapture() throws IOException, LiveDatabaseException {
        Capture attached = capture;
        return attached != null && attached.finish();
    }

    private boolean isNothingThere() {
        try {
            return Files.size(database) == 0;
        } catch (NoSuchFileException _) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /// While the first snapshot is under way it needs the database; after that a slow store is no
    /// reason to stand in the application's way.
    void waitForSnapshot() throws SpoolException {
        Capture attached = capture;
        if (attached == null || !destinations.isFirstExpected()) {
            leave();
            return;
        }
        boolean _ = isDoneUnlessTroubled(attached::step);
    }

    /// Reads the rest and lets go of the database in peace; if we are the last, SQLite removes the
    /// WAL.
    void leave() throws SpoolException {
        if (capture == null) {
            return;
        }
        // What it waits for may take its time, and commits may come meanwhile
        destinations.abandonSnapshots(log);
        boolean isWhole = false;
        try {
            isWhole = isDoneUnlessTroubled(this::finishCapture);
        } finally {
            detach(isWhole ? LiveDatabase::leave : LiveDatabase::closeKeepingWal);
        }
    }

    private void letGoAfter(LiveDatabaseException e) {
        trouble.told(e);
        switch (e.doubt()) {
            case NOTHING -> {}
            case NONE -> detach();
            case WAL -> {
                // The WAL must not be laid over the file any more
                detach(LiveDatabase::close);
                known = known.map(LogStart.Known::byPagesOnly);
                reason = RebaseReason.DATABASE_REPLACED;
            }
            case EVERYTHING -> beginAnew(LiveDatabase::closeKeepingWal);
            case RECOVERY -> beginAnew(open -> attachment.keep(open, log.pageSize()));
        }
    }

    private void beginAnew(Closing closing) {
        detach(closing);
        known = Optional.empty();
        reason = RebaseReason.CONTINUITY_LOST;
    }

    private void letGoAfter(IOException e) {
        trouble.unreadable(e);
        detach();
    }

    /// Lets go of the database after trouble: the WAL may hold what was not captured, and stays.
    void detach() {
        detach(LiveDatabase::closeKeepingWal);
    }

    private interface Closing {
        void close(LiveDatabase database) throws LiveDatabaseException;
    }

    /// Lets go of the database. What is known of it stays: the next attachment proves continuity,
    /// or doesn't.
    private void detach(Closing closing) {
        LiveDatabase attached = live;
        if (attached == null) {
            return;
        }
        destinations.abandonSnapshots(log);
        try {
            log.cutIfWhole();
        } catch (SpoolException e) {
            trouble.ofSpool(e);
        }
        log.giveUp();
        known = Optional.of(new LogStart.Known(log.pageSize(), log.source(), log.pages()));
        reason = RebaseReason.CONTINUITY_LOST;
        attachment.left(attached.files().moved());
        live = null;
        capture = null;
        try {
            closing.close(attached);
        } catch (LiveDatabaseException e) {
            trouble.couldNotClose(e);
        }
    }

    @Override
    public void close() {
        try (watch) {
            attachment.close();
        } catch (LiveDatabaseException e) {
            trouble.couldNotClose(e);
        }
    }
}
