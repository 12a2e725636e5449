package dev.holdfast.replicator;

import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.Reached;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.state.LogPoint;
import dev.holdfast.wal.WalIndexHeader;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// All the places that the log is shipped to, as whoever captures sees them: one that is slow or
/// away holds back none of the others, and only what the slowest lacks stays on this machine. If
/// that is more than there is room for, the slowest gets it from another one later.
///
/// What [Destination] says of a thread holds here too.
final class Destinations implements LogWriter.Listener {
    /// Who has not answered by then is away: what is committed meanwhile is not captured yet.
    private static final Duration JOIN_PATIENCE = Duration.ofSeconds(5);

    /// Of the end of an upload that is under way.
    private static final Duration UPLOAD_PATIENCE = Duration.ofSeconds(30);

    /// Of the end of what the next run takes up again.
    private static final Duration BACKFILL_PATIENCE = Duration.ofSeconds(1);

    private final List<Destination> all;
    private final List<Thread> shipping = new ArrayList<>();
    private final List<Thread> backfilling = new ArrayList<>();

    Destinations(List<Destination> all) {
        this.all = List.copyOf(all);
    }

    /// Which of those that were not written before are known to have nothing of somebody else's.
    /// Nothing was captured yet, and nothing is made in any of them before all were looked at.
    ///
    /// @param known locations of those that were written
    /// @throws SidecarException if something is in one of them
    List<String> freeOnes(List<String> known, Timekeeper time) throws IOException {
        List<Destination> fresh = fresh(known);
        fresh.forEach(each -> each.admission().lookEarly());
        long end = time.nanoTime() + JOIN_PATIENCE.toNanos();
        List<String> free = new ArrayList<>();
        for (Destination each : fresh) {
            if (each.admission().isFreeWithin(time.until(end))) {
                free.add(each.location());
            }
        }
        return free;
    }

    private List<Destination> fresh(List<String> known) {
        return all.stream().filter(each -> !known.contains(each.location())).toList();
    }

    /// Has those join that were not written before: something else there is a mistake, which is to
    /// be known at once.
    ///
    /// @param known locations of those that were
    /// @throws SidecarException if one of them may not be written; not if it is away
    void joinNew(List<String> known, Timekeeper time) throws IOException {
        List<Destination> fresh = fresh(known);
        fresh.forEach(each -> each.admission().askEarly());
        long end = time.nanoTime() + JOIN_PATIENCE.toNanos();
        for (Destination each : fresh) {
            each.admission().requireAdmittedOrAway(time.until(end));
        }
    }

    /// Has those that were not written before compared with all others now, and what is not known
    /// then when it joins: with those that are named before it and those that have joined, so that
    /// of two that are one place one is left.
    ///
    /// @param known locations of those that were
    /// @throws SidecarException.BadUsage if one of them is another one by a second name
    void refuseSecondNames(List<String> known, WriterId writer, Timekeeper time)
            throws IOException {
        for (Destination each : all) {
            each.admission().compare(() -> TwoNames.find(each.store(), rivals(each), writer, time));
        }
        List<Destination> fresh = fresh(known);
        for (Destination each : fresh) {
            List<ObjectStore> others =
                    all.stream().filter(other -> other != each).map(Destination::store).toList();
            each.admission().compareEarly(() -> TwoNames.find(each.store(), others, writer, time));
        }
        long end = time.nanoTime() + JOIN_PATIENCE.toNanos();
        for (Destination each : fresh) {
            each.admission().awaitCompared(time.until(end)); // all: each removes what it has put
        }
        for (Destination each : fresh) {
            each.admission().requireOneName();
        }
    }

    /// Named before it, or joined.
    private List<ObjectStore> rivals(Destination one) {
        int at = all.indexOf(one);
        return IntStream.range(0, all.size())
                .filter(i -> i < at || (i > at && all.get(i).joinedStore().isPresent()))
                .mapToObj(i -> all.get(i).store())
                .toList();
    }

    /// Those that are known to have the log.
    List<ObjectStore> joined() {
        return all.stream().flatMap(each -> each.joinedStore().stream()).toList();
    }

    void start() {
        for (Destination each : all) {
            shipping.add(each.start());
            backfilling.add(each.startBackfill(all.size() - 1));
        }
    }

    /// Those that have joined meanwhile get their snapshots from now on.
    void beginJoined() {
        all.forEach(Destination::beginIfJoined);
    }

    /// Returns after the uploads that are under way, or after a while.
    void stop(Timekeeper time) {
        all.forEach(Destination::stop);
        long end = time.nanoTime() + UPLOAD_PATIENCE.toNanos();
        join(shipping, time, end);
        all.forEach(each -> each.awaitSnapshotEnd(time.until(end)));
        join(backfilling, time, time.nanoTime() + BACKFILL_PATIENCE.toNanos());
    }

    private static void join(List<Thread> threads, Timekeeper time, long end) {
        for (Thread thread : threads) {
            try {
                boolean _ = thread.join(time.until(end));
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Whether a segment that is cut now would be sent at once.
    boolean isAnyIdle() {
        return all.stream().anyMatch(each -> each.shipper().isIdle());
    }

    /// Sends what is up to segment `seq` whatever the budgets. From one thread.
    void hurry(long seq) {
        all.forEach(each -> each.hurry(seq));
    }

    /// How far the log is in all of them.
    LogPoint durable() {
        return all.stream()
                .map(Destination::durable)
                .min(Comparator.comparingLong(LogPoint::seq))
                .orElseThrow(() -> new IllegalStateException("no destination"));
    }

    /// How far the log is in the one that has most of it.
    LogPoint furthest() {
        return all.stream()
                .map(Destination::durable)
                .max(Comparator.comparingLong(LogPoint::seq))
                .orElseThrow(() -> new IllegalStateException("no destination"));
    }

    /// Before the shippers can see anything that must not be called durable yet.
    @Override
    public void beginsAnew() {
        all.forEach(Destination::missFirst);
    }

    @Override
    public void spooled(SpoolEntry entry) {
        all.forEach(each -> each.spooled(entry));
    }

    /// Commits without a state checksum come: the next snapshot is what they need.
    void missFirst() {
        all.forEach(Destination::missFirst);
    }

    void rebased(Base base, LogWriter log) throws IOException {
        for (Destination each : all) {
            each.rebased(base, log);
        }
    }

    void step(LogWriter log, LiveDatabase live, WalIndexHeader oracle)
            throws IOException, LiveDatabaseException {
        for (Destination each : all) {
            each.step(log, live, oracle);
        }
    }

    /// Whether frames should be copied back even if the WAL is short: a snapshot waits for it.
    boolean wantsCheckpoint() {
        return all.stream().anyMatch(Destination::wantsCheckpoint);
    }

    /// When this returns nobody reads the database's pages any more.
    void abandonSnapshots(LogWriter log) {
        all.forEach(each -> each.abandonSnapshot(log));
    }

    /// Whether of all that have joined it is known what can be restored there.
    boolean haveBegun() {
        return all.stream().allMatch(Destination::hasBegun);
    }

    /// Whether from one of them what comes can't be restored before a snapshot is stored there.
    boolean isFirstMissing() {
        return all.stream().anyMatch(Destination::isFirstMissing);
    }

    /// Whether such a snapshot is worth waiting for.
    boolean isFirstExpected() {
        return all.stream().anyMatch(Destination::isFirstExpected);
    }

    List<Reached> reached() {
        return all.stream().map(Destination::reached).toList();
    }
}
