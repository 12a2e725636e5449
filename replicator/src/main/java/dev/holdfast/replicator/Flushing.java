package dev.holdfast.replicator;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.state.FlushAnswer;
import dev.holdfast.storage.state.FlushRequests;
import dev.holdfast.storage.state.LogPoint;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// Ships now what other processes ask for ([FlushRequests]), whatever the budget, and tells them
/// when it is durable. Owned by the capture thread.
final class Flushing {
    private static final long CHECK_NANOS = Duration.ofMillis(100).toNanos();

    /// Of the look whether it is durable.
    private static final Duration PAUSE = Duration.ofMillis(10);

    private final FlushRequests requests;
    private final AttachedDatabase database;
    private final LogWriter log;
    private final Shipper shipper;
    private final ShippedMark mark;
    private final Snapshots snapshots;
    private final Timekeeper time;
    private final Consumer<FollowerEvent> events;

    /// Of each request for which all is captured, the segment that must become durable.
    private final Map<String, Long> captured = new HashMap<>();

    private long checkedAt;

    Flushing(
            FlushRequests requests,
            AttachedDatabase database,
            LogWriter log,
            Shipper shipper,
            ShippedMark mark,
            Snapshots snapshots,
            Timekeeper time,
            Consumer<FollowerEvent> events) {
        this.requests = requests;
        this.database = database;
        this.log = log;
        this.shipper = shipper;
        this.mark = mark;
        this.snapshots = snapshots;
        this.time = time;
        this.events = events;
        this.checkedAt = time.nanoTime();
    }

    /// Looks for requests now and then, and answers those that are done.
    ///
    /// @param pause until the next look at the database
    /// @return that, or less while somebody waits for an answer
    Duration step(Duration pause) {
        if (captured.isEmpty() && time.nanoTime() - checkedAt < CHECK_NANOS) {
            return pause;
        }
        checkedAt = time.nanoTime();
        Set<String> open = requests.open();
        captured.keySet().retainAll(open);
        boolean isNew = !captured.keySet().containsAll(open);
        if (isNew) {
            requests.removeOld(time.wall().instant());
        }
        if (isNew && database.captureNow()) {
            long seq = log.end().seq();
            open.forEach(id -> captured.putIfAbsent(id, seq));
            shipper.hurry(seq);
        }
        answerDone();
        return captured.isEmpty() || pause.compareTo(PAUSE) < 0 ? pause : PAUSE;
    }

    /// At the end of a run in which all that was committed has become durable.
    void end() {
        requests.open().forEach(id -> captured.put(id, mark.seq()));
        answerDone();
    }

    private void answerDone() {
        if (captured.isEmpty()) {
            return;
        }
        LogPoint durable = mark.last(); // first: a rebase that comes meanwhile is not told
        boolean isRestorable = !snapshots.isFirstMissing();
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
            events.accept(FollowerEvent.Troubled.of(e));
        }
    }
}
