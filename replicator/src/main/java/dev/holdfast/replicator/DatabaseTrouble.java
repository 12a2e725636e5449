package dev.holdfast.replicator;

import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.state.StateFolder;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/// Tells of trouble with the followed database, in words, and how long it is waited after. Owned by
/// the capture thread.
final class DatabaseTrouble {
    private static final Duration PAUSE = Duration.ofMillis(500);

    /// The first trouble after so long is not waited after: nothing keeps the WAL meanwhile.
    private static final long FORGIVEN_NANOS = Duration.ofSeconds(10).toNanos();

    private final Path database;
    private final StateFolder state;
    private final Timekeeper time;
    private final Consumer<FollowerEvent> events;
    private long lastAt;

    DatabaseTrouble(
            Path database, StateFolder state, Timekeeper time, Consumer<FollowerEvent> events) {
        this.database = database;
        this.state = state;
        this.time = time;
        this.events = events;
        this.lastAt = time.nanoTime() - FORGIVEN_NANOS;
    }

    /// After the database was let go of.
    Duration pauseAfterLettingGo() {
        long now = time.nanoTime();
        boolean isFirst = now - lastAt >= FORGIVEN_NANOS;
        lastAt = now;
        return isFirst ? Duration.ZERO : PAUSE;
    }

    /// After trouble that nothing was let go for.
    static Duration pauseWhileHolding() {
        return PAUSE;
    }

    void told(LiveDatabaseException e) {
        String remedy =
                e.doubt() == LiveDatabaseException.Doubt.NOTHING
                        ? "Make room on the disk of the database; what is committed is captured all"
                                + " the same."
                        : "Holdfast attaches anew by itself; look at the application if this goes"
                                + " on.";
        events.accept(new FollowerEvent.Troubled(String.valueOf(e.getMessage()), remedy));
    }

    void unreadable(IOException e) {
        events.accept(
                new FollowerEvent.Troubled(
                        "can't read " + database + ": " + IoReason.of(e),
                        "Holdfast attaches anew by itself; check the disk and the permissions of"
                                + " the database if this goes on."));
    }

    void replaced() {
        events.accept(
                new FollowerEvent.Troubled(
                        database + " was replaced by another file, or removed",
                        "Nothing is to be done: what was committed to it is kept, and what"
                                + " comes in its place is followed."));
    }

    /// What is there now can't be told from what was opened.
    void outOfSight(IOException why) {
        events.accept(
                new FollowerEvent.Troubled(
                        "can't look at " + database + ": " + IoReason.of(why),
                        "Give back the permissions of its folder: what is committed is captured all"
                                + " the same, but Holdfast copies nothing back, and would not"
                                + " notice another file in its place."));
    }

    void couldNotClose(LiveDatabaseException e) {
        events.accept(
                new FollowerEvent.Troubled(
                        String.valueOf(e.getMessage()), "Nothing is to be done."));
    }

    /// The application needs what room there is.
    void stoodOff(long tx) {
        events.accept(
                new FollowerEvent.Troubled(
                        "%s was let go of after transaction %,d, so that its WAL can begin anew"
                                .formatted(database, tx),
                        "It is followed again by itself once there is room for what is captured;"
                                + " what was committed by then is kept as one state if the WAL does"
                                + " not have it any more."));
    }

    void ofSpool(SpoolException e) {
        events.accept(FollowerEvent.Troubled.ofState(SpoolException.told(state.spool(), e)));
    }

    void ofState(SidecarException.LocalFiles e) {
        events.accept(FollowerEvent.Troubled.ofState(e));
    }
}
