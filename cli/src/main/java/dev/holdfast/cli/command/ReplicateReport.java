package dev.holdfast.cli.command;

import dev.holdfast.cli.output.Amounts;
import dev.holdfast.cli.output.JsonObject;
import dev.holdfast.cli.output.ProgressLine;
import dev.holdfast.format.Micros;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.replicator.FollowerEnd;
import dev.holdfast.replicator.FollowerEvent;
import dev.holdfast.replicator.FollowerEvent.Continuity;
import dev.holdfast.replicator.FollowerEvent.Part;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Prints what a follower tells: a line of progress on a terminal, JSON lines otherwise. Told from
/// several threads.
///
/// What becomes durable is told once a second at most ([DurableLog]). A trouble that goes on is
/// repeated at growing distances ([TroubleLog]).
final class ReplicateReport implements Consumer<FollowerEvent>, AutoCloseable {
    private final Surroundings surroundings;
    private final boolean isJson;
    private final ProgressLine progress;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final TroubleLog troubles;
    private final DurableLog durables;
    private final Thread ticker;

    private boolean hasSeveral;
    private long capturedTx;
    private boolean isClosed;

    ReplicateReport(Surroundings surroundings, boolean isJson) {
        this.surroundings = surroundings;
        this.isJson = isJson;
        this.progress = surroundings.progressLine(isJson);
        this.troubles = new TroubleLog(surroundings.nanoTime());
        this.durables = new DurableLog(surroundings.nanoTime());
        this.ticker = Thread.ofVirtual().name("holdfast-report").start(this::tick);
    }

    /// @param locations where it is shipped to
    /// @param recipients for how many it is encrypted; 0 if it is not
    void started(Path database, List<String> locations, Path state, int recipients) {
        lock.lock();
        try {
            hasSeveral = locations.size() > 1;
            locations.forEach(durables::expect);
        } finally {
            lock.unlock();
        }
        print(
                event("started")
                        .put("database", database.toString())
                        .putTexts("to", locations)
                        .put("state", state.toString())
                        .put("recipients", recipients),
                "following "
                        + database
                        + " to "
                        + String.join(" and ", locations)
                        + ", state in "
                        + state
                        + (recipients == 0
                                ? ""
                                : "; encrypted from here on, for "
                                        + Amounts.count(recipients, "recipient", "recipients")));
    }

    /// Which of several destinations it is about.
    private String at(String preposition, String location) {
        return hasSeveral ? " " + preposition + " " + location : "";
    }

    /// @param grace how long it may take
    void stopping(Duration grace) {
        print(
                event("stopping").put("grace_seconds", grace.toNanos() / 1e9),
                "stopping: ships the rest, for %s at most".formatted(Amounts.duration(grace)));
    }

    /// @param requests to each store, by their kinds; none where nobody counts them
    void stopped(FollowerEnd end, Map<String, Map<String, Long>> requests) {
        lock.lock();
        try {
            tellDurable(durables.rest());
        } finally {
            lock.unlock();
        }
        ReplicateEnd ended = new ReplicateEnd(end, requests);
        print(ended.addTo(event("stopped")), ended.text());
    }

    @Override
    public void accept(FollowerEvent event) {
        switch (event) {
            case FollowerEvent.Waiting(String why) ->
                    print(event("waiting").put("why", why), "waiting: " + why);
            case FollowerEvent.Following(long tx, Continuity continuity) ->
                    following(tx, continuity);
            case FollowerEvent.Captured(long tx, long _) -> captured(tx);
            case FollowerEvent.Durable now -> durable(now);
            case FollowerEvent.Filling now ->
                    print(FillingReport.addTo(event("filling"), now), FillingReport.text(now));
            case FollowerEvent.Filled done -> {
                worked(new Part.Store(done.store()));
                print(FillingReport.addTo(event("filled"), done), FillingReport.text(done));
            }
            case FollowerEvent.SnapshotBegan(String store, long pages, long bytes) ->
                    print(
                            event("snapshot_began")
                                    .put("to", store)
                                    .put("pages", pages)
                                    .put("bytes", bytes),
                            "a snapshot of "
                                    + Amounts.size(bytes)
                                    + " has begun"
                                    + at("to", store));
            case FollowerEvent.SnapshotDone done -> snapshotDone(done);
            case FollowerEvent.SnapshotFailed failed -> snapshotFailed(failed);
            case FollowerEvent.Troubled now -> troubled(now);
            case FollowerEvent.Braked(int times, Duration longest, Duration held, long frames) ->
                    print(
                            event("braked")
                                    .put("times", times)
                                    .put("longest_seconds", longest.toNanos() / 1e9)
                                    .put("held_seconds", held.toNanos() / 1e9)
                                    .put("wal_frames", frames),
                            "slowed the writer down, as the WAL has %,d frames: held the write lock"
                                            .formatted(frames)
                                    + " %s, for %s at most"
                                            .formatted(
                                                    Amounts.count(times, "time", "times"),
                                                    Amounts.duration(longest)));
            case FollowerEvent.TookOver(Duration held, long frames, boolean isLanded) ->
                    print(
                            event("took_over")
                                    .put("held_seconds", held.toNanos() / 1e9)
                                    .put("wal_frames", frames)
                                    .put("landed", isLanded),
                            "held the write lock for %s, as the WAL has %,d frames: it %s anew"
                                    .formatted(
                                            Amounts.duration(held),
                                            frames,
                                            isLanded ? "will begin" : "does not yet begin"));
        }
    }

    private void snapshotDone(FollowerEvent.SnapshotDone done) {
        worked(new Part.Snapshot(done.store()));
        print(
                event("snapshot")
                        .put("to", done.store())
                        .put("segment", done.seq())
                        .put("tx", done.tx())
                        .put("bytes", done.storedBytes())
                        .put("seconds", done.took().toNanos() / 1e9),
                "the snapshot is stored%s (%s in %s): what is durable can be restored"
                        .formatted(
                                at("in", done.store()),
                                Amounts.size(done.storedBytes()),
                                Amounts.duration(done.took())));
    }

    /// Empty where it is none of a destination.
    private static Optional<String> location(Part part) {
        return switch (part) {
            case Part.Store(String store) -> Optional.of(store);
            case Part.Snapshot(String store) -> Optional.of(store);
            case Part.Database _, Part.State _ -> Optional.empty();
        };
    }

    private void snapshotFailed(FollowerEvent.SnapshotFailed now) {
        happened(new Part.Snapshot(now.store()), now.cause(), now.why())
                .ifPresent(told ->
                        printTold(
                                told,
                                event("snapshot_failed")
                                        .put("to", now.store())
                                        .put("why", told.what()),
                                "a snapshot%s was given up and will be tried again: %s"
                                        .formatted(at("to", now.store()), told.what())));
    }

    private void troubled(FollowerEvent.Troubled now) {
        Optional<String> to = location(now.part());
        happened(now.part(), now.cause(), now.what())
                .ifPresent(told ->
                        printTold(
                                told,
                                event("troubled")
                                        .put("to", to.orElse(null))
                                        .put("error", told.what())
                                        .put("hint", now.remedy()),
                                "trouble%s, being tried again: %s\n  hint: %s"
                                        .formatted(
                                                to.map(it -> at("with", it)).orElse(""),
                                                told.what(),
                                                now.remedy())));
    }

    private Optional<TroubleLog.Told> happened(Part part, String cause, String what) {
        lock.lock();
        try {
            changed.signal();
            return troubles.happened(part, cause, what);
        } finally {
            lock.unlock();
        }
    }

    private void printTold(TroubleLog.Told told, JsonObject json, String text) {
        print(TroubleWords.addTo(json, told), text + TroubleWords.since(told));
    }

    private void worked(Part part) {
        lock.lock();
        try {
            troubles.worked(part);
        } finally {
            lock.unlock();
        }
    }

    /// Under the lock.
    private void tellRecovered() {
        for (TroubleLog.Told over : troubles.over()) {
            print(
                    TroubleWords.addTo(event("recovered").put("error", over.what()), over),
                    TroubleWords.recovered(over));
        }
    }

    /// The trouble that goes on, if there is any.
    Optional<String> trouble() {
        lock.lock();
        try {
            return troubles.last();
        } finally {
            lock.unlock();
        }
    }

    private void following(long tx, Continuity continuity) {
        worked(new Part.Database());
        JsonObject json = event("following").put("tx", tx);
        switch (continuity) {
            case Continuity.ByWal _ ->
                    print(
                            json.put("continuity", "wal"),
                            "captured from transaction " + tx + " on, without a gap");
            case Continuity.ByPages _ ->
                    print(
                            json.put("continuity", "pages"),
                            "captured from transaction "
                                    + tx
                                    + " on: the pages are those that the archive leads to");
            case Continuity.Rebased(RebaseReason reason) ->
                    print(
                            json.put("continuity", "rebased").put("reason", nameOf(reason)),
                            "history begins with transaction "
                                    + tx
                                    + (reason == RebaseReason.FIRST
                                            ? ""
                                            : ", after a gap: " + reason.text()));
        }
    }

    private void captured(long tx) {
        lock.lock();
        try {
            capturedTx = tx;
            troubles.worked(new Part.Database());
            troubles.worked(new Part.State());
            progress.update(this::describe);
        } finally {
            lock.unlock();
        }
    }

    private void durable(FollowerEvent.Durable now) {
        lock.lock();
        try {
            durables.happened(now);
            troubles.worked(new Part.Store(now.store()));
            capturedTx = Math.max(capturedTx, now.tx());
            tellDurable(durables.due());
            changed.signal();
            progress.update(this::describe);
        } finally {
            lock.unlock();
        }
    }

    /// Under the lock.
    private void tellDurable(List<FollowerEvent.Durable> untold) {
        for (FollowerEvent.Durable now : untold) {
            if (isJson) {
                println(
                        event("durable")
                                .put("to", now.store())
                                .put("tx", now.tx())
                                .put("time", Micros.toInstant(now.micros()))
                                .put("segment", now.seq())
                                .put("waiting_bytes", now.waitingBytes())
                                .toString());
            }
        }
    }

    /// Tells what was held back and which troubles are over, and keeps the ages on a terminal true.
    private void tick() {
        lock.lock();
        try {
            while (!isClosed) {
                tellRecovered();
                tellDurable(durables.due());
                OptionalLong untilDue = durables.untilDueNanos();
                if (untilDue.isPresent()) {
                    changed.awaitNanos(untilDue.getAsLong());
                } else if (progress.isShown() || troubles.isTroubled()) {
                    changed.awaitNanos(TimeUnit.SECONDS.toNanos(1));
                    progress.update(this::describe);
                } else {
                    changed.await();
                }
            }
        } catch (InterruptedException _) {
            // the run is over
        } finally {
            lock.unlock();
        }
    }

    private String describe() {
        return durables.describe(capturedTx, surroundings.clock().instant());
    }

    private JsonObject event(String name) {
        Instant now = surroundings.clock().instant();
        return new JsonObject().put("event", name).put("at", now);
    }

    private void print(JsonObject json, String text) {
        lock.lock();
        try {
            println(isJson ? json.toString() : text);
        } finally {
            lock.unlock();
        }
    }

    /// Under the lock. What a closed pipe does not take is no reason to stop following.
    private void println(String line) {
        progress.clear();
        surroundings.out().println(line);
        surroundings.out().flush();
    }

    private static String nameOf(RebaseReason reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            isClosed = true;
            changed.signal();
            progress.close();
        } finally {
            lock.unlock();
        }
        ticker.interrupt();
    }
}
