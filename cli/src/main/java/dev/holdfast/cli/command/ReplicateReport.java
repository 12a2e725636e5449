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

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Prints what a follower tells: a line of progress on a terminal, JSON lines otherwise. Told from
/// several threads.
///
/// What becomes durable is told at once, and then once a second at most: a busy database commits
/// faster than anyone reads. A trouble that goes on is repeated at growing distances
/// ([TroubleLog]).
final class ReplicateReport implements Consumer<FollowerEvent>, AutoCloseable {
    private static final long PERIOD_NANOS = Duration.ofSeconds(1).toNanos();

    private final Surroundings surroundings;
    private final boolean isJson;
    private final ProgressLine progress;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final TroubleLog troubles;
    private final Thread ticker;

    private FollowerEvent.@Nullable Durable durable;
    private long capturedTx;
    private boolean isUntold;
    private long toldAt;
    private boolean isClosed;

    ReplicateReport(Surroundings surroundings, boolean isJson) {
        this.surroundings = surroundings;
        this.isJson = isJson;
        this.progress =
                new ProgressLine(
                        surroundings.err(),
                        !isJson && surroundings.isErrTerminal(),
                        surroundings.nanoTime());
        this.troubles = new TroubleLog(surroundings.nanoTime());
        this.toldAt = surroundings.nanoTime().getAsLong() - PERIOD_NANOS;
        this.ticker = Thread.ofVirtual().name("holdfast-report").start(this::tick);
    }

    void started(Path database, String location, Path state) {
        print(
                event("started")
                        .put("database", database.toString())
                        .put("to", location)
                        .put("state", state.toString()),
                "following " + database + " to " + location + ", state in " + state);
    }

    /// @param grace how long it may take
    void stopping(Duration grace) {
        print(
                event("stopping").put("grace_seconds", grace.toNanos() / 1e9),
                "stopping: ships the rest, for %s at most".formatted(Amounts.duration(grace)));
    }

    /// @param requests to the store, by their kinds; none where nobody counts them
    void stopped(FollowerEnd end, Map<String, Long> requests) {
        lock.lock();
        try {
            tellDurable();
        } finally {
            lock.unlock();
        }
        JsonObject stopped =
                event("stopped")
                        .put("captured_tx", end.capturedTx())
                        .put("durable_tx", end.durableTx())
                        .put("waiting_bytes", end.waitingBytes())
                        .put("restorable", end.isRestorable())
                        .put("all_durable", end.isAllDurable());
        if (!requests.isEmpty()) {
            JsonObject counts = new JsonObject();
            requests.forEach((kind, count) -> counts.put(kind, count.longValue()));
            stopped.put("requests", counts);
        }
        print(
                stopped,
                end.isAllDurable()
                        ? "stopped: all is durable, up to transaction " + end.durableTx()
                        : "stopped: durable up to transaction "
                                + end.durableTx()
                                + " of "
                                + end.capturedTx());
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
            case FollowerEvent.SnapshotBegan(long pages, long bytes) ->
                    print(
                            event("snapshot_began").put("pages", pages).put("bytes", bytes),
                            "a snapshot of " + Amounts.size(bytes) + " has begun");
            case FollowerEvent.SnapshotDone done -> snapshotDone(done);
            case FollowerEvent.SnapshotFailed(String why) ->
                    troubled(
                            Part.SNAPSHOT,
                            why,
                            event("snapshot_failed").put("why", why),
                            "a snapshot was given up and will be tried again: " + why);
            case FollowerEvent.Troubled(Part part, String what, String remedy) ->
                    troubled(
                            part,
                            what,
                            event("troubled").put("error", what).put("hint", remedy),
                            "trouble, being tried again: " + what + "\n  hint: " + remedy);
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
        worked(Part.SNAPSHOT);
        print(
                event("snapshot")
                        .put("segment", done.seq())
                        .put("tx", done.tx())
                        .put("bytes", done.storedBytes())
                        .put("seconds", done.took().toNanos() / 1e9),
                "the snapshot is stored (%s in %s): what is durable can be restored"
                        .formatted(
                                Amounts.size(done.storedBytes()), Amounts.duration(done.took())));
    }

    private void troubled(Part part, String what, JsonObject json, String text) {
        lock.lock();
        try {
            Optional<TroubleLog.Told> told = troubles.happened(part, what);
            if (told.isPresent()) {
                long times = told.get().times();
                Duration lasted = told.get().lasted();
                json.put("times", times).put("seconds", lasted.toNanos() / 1e9);
                String since =
                        times == 1
                                ? ""
                                : "\n  %,d times in %s".formatted(times, Amounts.duration(lasted));
                println(isJson ? json.toString() : text + since);
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
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
            JsonObject json =
                    event("recovered")
                            .put("error", over.what())
                            .put("times", over.times())
                            .put("seconds", over.lasted().toNanos() / 1e9);
            println(
                    isJson
                            ? json.toString()
                            : "recovered, after %s in %s: %s"
                                    .formatted(
                                            Amounts.count(over.times(), "failure", "failures"),
                                            Amounts.duration(over.lasted()),
                                            over.what()));
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
        worked(Part.DATABASE);
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
            troubles.worked(Part.DATABASE);
            troubles.worked(Part.STATE);
            progress.update(this::describe);
        } finally {
            lock.unlock();
        }
    }

    private void durable(FollowerEvent.Durable now) {
        lock.lock();
        try {
            durable = now;
            troubles.worked(Part.STORE);
            capturedTx = Math.max(capturedTx, now.tx());
            isUntold = true;
            if (surroundings.nanoTime().getAsLong() - toldAt >= PERIOD_NANOS) {
                tellDurable();
            } else {
                changed.signal();
            }
            progress.update(this::describe);
        } finally {
            lock.unlock();
        }
    }

    /// Under the lock.
    private void tellDurable() {
        FollowerEvent.Durable now = durable;
        if (!isUntold || now == null) {
            return;
        }
        isUntold = false;
        toldAt = surroundings.nanoTime().getAsLong();
        if (isJson) {
            println(
                    event("durable")
                            .put("tx", now.tx())
                            .put("time", Micros.toInstant(now.micros()))
                            .put("segment", now.seq())
                            .put("waiting_bytes", now.waitingBytes())
                            .toString());
        }
    }

    /// Tells what was held back and which troubles are over, and keeps the ages on a terminal true.
    private void tick() {
        lock.lock();
        try {
            while (!isClosed) {
                tellRecovered();
                if (isUntold) {
                    long due = toldAt + PERIOD_NANOS - surroundings.nanoTime().getAsLong();
                    if (due <= 0) {
                        tellDurable();
                    } else {
                        changed.awaitNanos(due);
                    }
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
        FollowerEvent.Durable now = durable;
        if (now == null) {
            return "nothing is durable yet";
        }
        Duration age =
                Duration.between(Micros.toInstant(now.micros()), surroundings.clock().instant());
        String behind =
                capturedTx > now.tx()
                        ? Amounts.count(capturedTx - now.tx(), "commit", "commits") + " on the way"
                        : "all is durable";
        return "transaction %,d, of %s ago; %s, %s wait"
                .formatted(
                        now.tx(), Amounts.duration(age), behind, Amounts.size(now.waitingBytes()));
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
