package dev.holdfast.replicator;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Digest;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ReadOutcome;
import dev.holdfast.storage.archive.LogObject;
import dev.holdfast.storage.archive.SegmentReader;
import dev.holdfast.storage.archive.SegmentSource;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Sends what waits in the spool to the store, in order, as one log object a time: at once when it
/// is idle, and what gathered meanwhile when it was sending or at rest, or had nothing left in one
/// of its budgets. Never reaches into capture; a store that fails is tried again for as long as the
/// run lasts.
///
/// The name of the next log object is the fence: if it is taken by segments that are not ours,
/// another writer has the archive.
final class Shipper {
    /// Bounds the size of a log object, and so what one failed upload costs.
    static final long MAX_OBJECT_BYTES = 32 << 20;

    private static final Duration IDLE = Duration.ofSeconds(60);

    /// The rest after an upload, in times that it took: the commits of a busy application gather
    /// meanwhile. An upload to a folder has the filesystem's journal written, for which whoever
    /// writes to the WAL has to wait, and costs as much processor time for one commit as for a
    /// hundred.
    private static final int REST = 2;

    /// Of a slow store, which disturbs nobody here.
    private static final Duration LONGEST_REST = Duration.ofMillis(20);

    private static final Duration FIRST_RETRY = Duration.ofMillis(250);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(15);

    private final ObjectStore store;
    private final ArchiveInfo archive;
    private final Spool spool;
    private final ShippedMark mark;
    private final UploadBudget budget;
    private final ByteBudget bytes;
    private final Gate gate;
    private final Bell work = new Bell();
    private final Timekeeper time;
    private final Signals signals;
    private @Nullable Stored lastStored;
    private volatile boolean isIdle;

    /// What is up to here is sent whatever the budgets.
    private volatile long hurriedThrough;

    private volatile boolean isStopped;
    private volatile boolean isTroubled;
    private boolean isPassed;
    private Duration retry = FIRST_RETRY;

    /// The log object that was stored last in this run.
    private record Stored(String name, long bytes) {}

    /// Must be passed before anything is stored, and again by who was outrun: finds out how far the
    /// store has the log, and sets the mark.
    interface Gate {
        /// What keeps us out; empty if nothing does.
        Optional<SidecarException> obstacle() throws IOException;
    }

    /// What the shipper tells the rest of the follower.
    interface Signals {
        /// The mark has advanced.
        void durable();

        /// There is nothing left to ship: capture may cut what it holds.
        void idle();

        /// The store failed, and will be tried again.
        void troubled(SidecarException failure);

        /// Whether what is damaged there is no reason to end the run, and is tried again.
        boolean isDamageTolerated();

        /// Nothing more can be shipped in this run.
        void ended(RuntimeException failure);
    }

    /// @param bytes shared with who else sends something there
    Shipper(
            DestinationOptions to,
            ByteBudget bytes,
            ArchiveInfo archive,
            Spool spool,
            ShippedMark mark,
            Gate gate,
            Timekeeper time,
            Signals signals) {
        this.store = to.store();
        this.bytes = bytes;
        this.archive = archive;
        this.spool = spool;
        this.mark = mark;
        this.budget = new UploadBudget(to.uploads(), time);
        this.gate = gate;
        this.time = time;
        this.signals = signals;
    }

    /// There is something new in the spool.
    void wake() {
        isIdle = false;
        work.ring();
    }

    /// Whether a segment that is cut now would be sent at once.
    boolean isIdle() {
        return isIdle;
    }

    /// Whether what comes next there is not on this machine any more, for want of room: another
    /// store has it.
    boolean isOutrun() {
        return !spool.hasFrom(mark.seq() + 1);
    }

    /// Whether the last thing that was tried has failed.
    boolean isTroubled() {
        return isTroubled;
    }

    /// Sends what is up to segment `seq` whatever the budgets. From one thread.
    void hurry(long seq) {
        hurriedThrough = Math.max(hurriedThrough, seq);
        work.ring();
    }

    /// Ends [#run] after the upload that is under way.
    void stop() {
        isStopped = true;
        work.ring();
    }

    /// Ships until stopped. One thread.
    void run() {
        while (!isStopped) {
            try {
                if (isPassed) {
                    turn();
                } else {
                    pass();
                }
            } catch (SidecarException.StorageUnavailable | SidecarException.StorageDenied e) {
                pauseAfter(e);
            } catch (SidecarException.CorruptArchive e) {
                refused(e);
            } catch (RuntimeException e) { // the top of a thread: the run must not go on without it
                signals.ended(e);
                return;
            } catch (Error e) { // no memory, say
                signals.ended(new IllegalStateException("shipping has ended: " + e, e));
                return;
            } catch (IOException e) {
                pauseAfter(
                        new SidecarException.LocalFiles(
                                "can't read the spool: " + IoReason.of(e),
                                "Check the disk of the state folder.",
                                e));
            }
        }
    }

    private void pass() throws IOException {
        Optional<SidecarException> obstacle = gate.obstacle();
        if (obstacle.isPresent()) {
            refused(obstacle.get());
        } else {
            isPassed = true;
            succeeded();
        }
    }

    /// By what lies there, which does not go away by itself.
    private void refused(SidecarException why) {
        if (signals.isDamageTolerated()) {
            pauseAfter(why);
        } else {
            isStopped = true;
            signals.ended(why);
        }
    }

    private void turn() throws IOException {
        if (isOutrun()) {
            Duration _ = bytes.untilLog(false); // what it lacks is no log object of ours
            isPassed = false;
            return;
        }
        Duration untilNext = untilNext();
        if (!untilNext.isZero()) {
            // Not idle: what is cut now would not be sent at once, so commits gather
            isIdle = false;
            work.await(untilNext);
            return;
        }
        List<SpoolEntry> waiting = waiting();
        if (waiting.isEmpty()) {
            isIdle = true;
            signals.idle();
            if (waiting().isEmpty() && !isOutrun()) {
                work.await(IDLE);
            }
            return;
        }
        isIdle = false;
        budget.spend();
        long began = time.nanoTime();
        long charged = bytes.spendLog(new SpoolRun(waiting).bytes(), isHurried());
        boolean isTaken = false;
        try {
            ship(waiting);
            isTaken = true;
        } finally {
            if (!isTaken) {
                bytes.failed(charged, began);
            }
        }
        succeeded();
        pause(restAfter(time.nanoTime() - began));
    }

    private void succeeded() {
        isTroubled = false;
        retry = FIRST_RETRY;
    }

    private Duration untilNext() {
        long waiting = spool.bytesAfter(mark.seq());
        if (isHurried()) {
            return Duration.ZERO;
        }
        Duration untilPaid = bytes.untilLog(waiting > 0);
        // A log object that is full leaves room for no more: to wait would save no upload, and a
        // busy database would fill the disk with its spool
        Duration untilAllowed = waiting >= bytes.objectBytes() ? Duration.ZERO : budget.untilNext();
        return untilPaid.compareTo(untilAllowed) > 0 ? untilPaid : untilAllowed;
    }

    /// Whether something is to be sent whatever the budgets.
    boolean isHurried() {
        return mark.seq() < hurriedThrough;
    }

    private static Duration restAfter(long uploadNanos) {
        return Duration.ofNanos(Math.min(REST * uploadNanos, LONGEST_REST.toNanos()));
    }

    /// Not for so long if somebody is in a hurry from now on.
    private void pause(Duration length) {
        long hurried = hurriedThrough;
        long end = time.nanoTime() + length.toNanos();
        long left = length.toNanos();
        while (left > 0 && !isStopped && hurriedThrough == hurried) {
            work.await(Duration.ofNanos(left));
            left = end - time.nanoTime();
        }
    }

    private void pauseAfter(SidecarException failure) {
        isTroubled = true;
        signals.troubled(failure);
        pause(retry);
        Duration doubled = retry.multipliedBy(2);
        retry = doubled.compareTo(LONGEST_RETRY) < 0 ? doubled : LONGEST_RETRY;
    }

    /// In unbroken order: what comes next may be given back at any moment.
    private List<SpoolEntry> waiting() {
        List<SpoolEntry> run = new ArrayList<>();
        long next = mark.seq() + 1;
        long most = isHurried() ? MAX_OBJECT_BYTES : bytes.objectBytes();
        long length = 0;
        for (SpoolEntry entry : spool.from(next)) {
            length += entry.header().storedLength();
            if (entry.seq() != next || (!run.isEmpty() && length > most)) {
                break;
            }
            next++;
            run.add(entry);
        }
        return run;
    }

    private void ship(List<SpoolEntry> run) throws IOException {
        checkLastStored();
        SpoolEntry first = run.getFirst();
        String name = ObjectNames.log(first.seq());
        SpoolRun body = new SpoolRun(run);
        switch (store.create(name, body)) {
            case CreateOutcome.Created _ -> durable(run.getLast(), new Stored(name, body.bytes()));
            case CreateOutcome.AlreadyExists _ -> {
                LogObject there = new LogObject(first.seq(), sizeOf(name));
                Optional<SpoolEntry> last = lastOfOurs(there, run);
                if (last.isPresent()) {
                    durable(last.get(), new Stored(name, there.bytes()));
                } else {
                    isPassed = false;
                }
            }
        }
    }

    private void durable(SpoolEntry last, Stored object) {
        lastStored = object;
        mark.advanceTo(last.point());
        signals.durable();
    }

    /// An older copy of the store may have come to its place, or another archive, or somebody may
    /// have cleaned it. Behind a missing object nothing can be restored: nothing is stored there,
    /// and nothing called durable.
    private void checkLastStored() throws IOException {
        Stored last = lastStored;
        if (last == null || isThere(last)) {
            return;
        }
        throw new SidecarException.StorageUnavailable(
                "%s has lost %s, which was stored there: it was replaced, or objects in it were removed"
                        .formatted(store.location(), last.name),
                "Put back what was there. If it is lost, but for archive.json, start replicate"
                        + " again: it stores once more what its spool still has.");
    }

    private boolean isThere(Stored object) throws IOException {
        return store.read(object.name, 0, ByteBuffer.allocate(1))
                        instanceof ReadOutcome.Read(int _, long objectBytes)
                && objectBytes == object.bytes;
    }

    /// The name is taken: by an earlier try of ours, whose answer was lost, or by another writer.
    /// Every digest tells which.
    ///
    /// @param run what we would store there, or the beginning of it
    /// @return the last of our segments that are there; empty if this machine has given back
    ///   meanwhile what would tell: then whoever fills what was outrun compares it
    private Optional<SpoolEntry> lastOfOurs(LogObject object, List<SpoolEntry> run)
            throws IOException {
        try (SegmentReader reader = new SegmentReader(archive)) {
            reader.open(SegmentSource.of(store, object), 0);
            Optional<SpoolEntry> own = Optional.empty();
            for (Optional<SegmentHeader> next = reader.next();
                    next.isPresent();
                    next = reader.next()) {
                reader.verify();
                own = sameAsOurs(next.get(), reader.digest(), run);
                if (own.isEmpty()) {
                    return own;
                }
            }
            if (own.isEmpty()) {
                throw new SidecarException.CorruptArchive(
                        object.name() + " in " + store.location() + " is empty",
                        "Run holdfast verify, and restore into a new archive.");
            }
            return own;
        } catch (FormatException e) {
            throw new SidecarException.CorruptArchive(
                    e, "Run holdfast verify on " + store.location() + ".");
        }
    }

    /// Empty if it was given back.
    private Optional<SpoolEntry> sameAsOurs(
            SegmentHeader stored, Digest digest, List<SpoolEntry> run) {
        Optional<SpoolEntry> ours =
                run.stream()
                        .filter(entry -> entry.seq() == stored.seq())
                        .findFirst()
                        .or(() -> spool.entry(stored.seq()));
        boolean isGivenBack = stored.seq() > run.getLast().seq() && !spool.hasFrom(stored.seq());
        boolean isOurs = ours.map(SpoolEntry::digest).filter(digest::equals).isPresent();
        if (!isOurs && !(ours.isEmpty() && isGivenBack)) {
            throw Fencing.fencedBy(stored, run.getFirst().header().writer(), store.location());
        }
        return ours;
    }

    private long sizeOf(String name) throws IOException {
        return switch (store.read(name, 0, ByteBuffer.allocate(1))) {
            case ReadOutcome.Read(int _, long objectBytes) -> objectBytes;
            case ReadOutcome.NotFound _ ->
                    throw new SidecarException.StorageUnavailable(
                            name + " in " + store.location() + " exists and can't be read",
                            "Try again later.");
        };
    }
}
