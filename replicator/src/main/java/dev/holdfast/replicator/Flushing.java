package dev.holdfast.replicator;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.state.FlushAnswer;
import dev.holdfast.storage.state.FlushLag;
import dev.holdfast.storage.state.FlushRequests;
import dev.holdfast.storage.state.KeyRotation;
import dev.holdfast.storage.state.LogPoint;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// Ships now what other processes ask for ([FlushRequests]), whatever the budget, and tells them
/// when it is durable in all destinations. Owned by the capture thread.
final class Flushing {
    private static final Duration CHECK = Duration.ofMillis(100);

    /// Of the look whether it is durable, for whoever has asked just now.
    private static final Duration SOON = Duration.ofMillis(10);

    /// Who waits for longer waits for the store, or was killed.
    private static final long SOON_NANOS = Duration.ofSeconds(1).toNanos();

    private final Path state;
    private final FlushRequests requests;
    private final AttachedDatabase database;
    private final LogWriter log;
    private final Destinations destinations;
    private final Timekeeper time;
    private final Consumer<FollowerEvent> events;

    /// Of each request for which all is captured, the segment that must become durable.
    private final Map<String, Long> captured = new HashMap<>();

    /// What those that are not done were told that they wait for.
    private final Map<String, FlushLag> told = new HashMap<>();

    /// Those that were not done a moment ago.
    private Set<String> waiting = Set.of();

    private long checkedAt;
    private long capturedAt;
    private long toldAt;

    /// @param state the folder in which others ask
    Flushing(
            Path state,
            FlushRequests requests,
            AttachedDatabase database,
            LogWriter log,
            Destinations destinations,
            Timekeeper time,
            Consumer<FollowerEvent> events) {
        this.state = state;
        this.requests = requests;
        this.database = database;
        this.log = log;
        this.destinations = destinations;
        this.time = time;
        this.events = events;
        this.checkedAt = time.nanoTime();
        this.toldAt = checkedAt;
    }

    /// Looks for requests now and then, and answers those that are done.
    ///
    /// @param pause until the next look at the database
    /// @return that, or less while somebody waits for an answer
    Duration step(Duration pause) {
        Duration next = pause;
        if (time.nanoTime() - checkedAt >= untilCheck().toNanos()) {
            checkedAt = time.nanoTime();
            boolean wasAttached = database.isAttached();
            check();
            // Nothing keeps the WAL of a database that was let go of
            next = wasAttached && !database.isAttached() ? Duration.ZERO : pause;
        }
        return captured.isEmpty() || next.compareTo(untilCheck()) < 0 ? next : untilCheck();
    }

    private Duration untilCheck() {
        boolean isSoon = !captured.isEmpty() && time.nanoTime() - capturedAt < SOON_NANOS;
        return isSoon ? SOON : CHECK;
    }

    private void check() {
        rotateKey();
        Set<String> open = requests.open();
        captured.keySet().retainAll(open);
        if (!captured.keySet().containsAll(open)) {
            requests.removeOld(time.wall().instant());
            capture(open);
        }
        if (!captured.isEmpty() && destinations.isFirstExpected()) {
            // What the snapshot waits for may have come after what was asked for
            destinations.hurry(log.end().seq());
        }
        answerDone();
        if (!open.isEmpty() && time.nanoTime() - toldAt >= CHECK.toNanos()) {
            toldAt = time.nanoTime();
            tellWaiting(requests.open());
        }
    }

    /// For whoever gives up before it is done. One that is done at once is told nothing.
    private void tellWaiting(Set<String> open) {
        told.keySet().retainAll(open);
        try {
            for (String id : open) {
                FlushLag lag = lag(captured.containsKey(id));
                if (waiting.contains(id) && !lag.equals(told.get(id))) {
                    requests.tell(id, lag);
                    told.put(id, lag);
                }
            }
        } catch (SidecarException.LocalFiles e) {
            events.accept(FollowerEvent.Troubled.ofState(e));
        }
        waiting = open;
    }

    private FlushLag lag(boolean isCaptured) {
        return new FlushLag(isCaptured, log.end().tx(), destinations.reached());
    }

    private void rotateKey() {
        if (KeyRotation.isAsked(state)) {
            try {
                KeyRotation.done(state); // first: if it can't be, it is not asked for for ever
                log.renewKey();
            } catch (SidecarException.LocalFiles e) {
                events.accept(FollowerEvent.Troubled.ofState(e));
            }
        }
    }

    private void capture(Set<String> open) {
        if (database.captureNow()) {
            long seq = log.end().seq();
            open.forEach(id -> captured.putIfAbsent(id, seq));
            capturedAt = time.nanoTime();
            destinations.hurry(seq);
        }
    }

    /// At the end of a run, before the rest is captured: who asks later may mean what is committed
    /// after that, and is not answered.
    void beginEnd() {
        requests.open().forEach(id -> captured.putIfAbsent(id, Long.MAX_VALUE));
    }

    /// All that was captured since [#beginEnd] has become durable, and can be restored.
    void end() {
        captured.keySet().retainAll(requests.open());
        captured.replaceAll((_, _) -> destinations.durable().seq());
        answerDone();
    }

    private void answerDone() {
        if (captured.isEmpty()) {
            return;
        }
        LogPoint durable =
                destinations.durable(); // first: a rebase that comes meanwhile is not told
        boolean isRestorable = !destinations.isFirstMissing();
        FlushAnswer answer = new FlushAnswer(durable.tx(), durable.seq(), durable.micros());
        try {
            for (Map.Entry<String, Long> request : Map.copyOf(captured).entrySet()) {
                long seq = request.getValue();
                if (durable.seq() >= seq && (isRestorable || seq == 0)) {
                    requests.answer(request.getKey(), answer);
                    captured.remove(request.getKey());
                }
            }
        } catch (SidecarException.LocalFiles e) {
            events.accept(FollowerEvent.Troubled.ofState(e));
        }
    }
}
