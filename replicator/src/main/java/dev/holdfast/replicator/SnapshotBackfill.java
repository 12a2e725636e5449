package dev.holdfast.replicator;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.OpenOutcome;
import dev.holdfast.storage.copies.Copied;
import dev.holdfast.storage.copies.Filling;
import dev.holdfast.storage.copies.OlderSnapshots;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Once in a run gives a destination, from each of the others, the snapshots that are older than
/// its own first one: after all that is committed now, in a thread of its own, and told by nobody's
/// mark. One that is away is asked when it is back.
final class SnapshotBackfill {
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final ObjectStore to;
    private final ArchiveInfo info;
    private final Supplier<List<ObjectStore>> others;
    private final BooleanSupplier isReady;
    private final ShippedMark mark;
    private final Timekeeper time;
    private final Consumer<FollowerEvent> events;
    private final Consumer<RuntimeException> ended;
    private final Bell bell = new Bell();
    private final Set<String> asked = new HashSet<>();
    private volatile boolean isStopping;

    /// @param to only what nothing else waits for is sent there
    /// @param others those that have the log now
    /// @param isReady whether it has a snapshot of its own
    /// @param ended takes why the run can't go on
    SnapshotBackfill(
            ObjectStore to,
            ArchiveInfo info,
            Supplier<List<ObjectStore>> others,
            BooleanSupplier isReady,
            ShippedMark mark,
            Timekeeper time,
            Consumer<FollowerEvent> events,
            Consumer<RuntimeException> ended) {
        this.to = to;
        this.info = info;
        this.others = others;
        this.isReady = isReady;
        this.mark = mark;
        this.time = time;
        this.events = events;
        this.ended = ended;
    }

    /// @param howMany others there are
    Thread start(int howMany) {
        return Thread.ofVirtual().name("holdfast-backfill").start(() -> run(howMany));
    }

    /// It may be ready.
    void wake() {
        bell.ring();
    }

    void stop() {
        isStopping = true;
        bell.ring();
    }

    private void run(int howMany) {
        try {
            while (!isStopping && asked.size() < howMany) {
                if (isReady.getAsBoolean()) {
                    others.get().forEach(this::ask);
                }
                if (asked.size() < howMany) {
                    boolean _ = bell.await(PAUSE);
                }
            }
        } catch (RuntimeException e) { // the top of a thread: the run must not go on without it
            ended.accept(e);
        } catch (Error e) { // no memory, say
            ended.accept(new IllegalStateException("copying snapshots has ended: " + e, e));
        }
    }

    private void ask(ObjectStore from) {
        if (isStopping || asked.contains(from.location())) {
            return;
        }
        try {
            fill(from);
            asked.add(from.location());
        } catch (FormatException e) {
            asked.add(from.location());
            events.accept(CopyFilling.damage(from, e));
        } catch (SidecarException.CorruptArchive e) {
            asked.add(from.location());
            events.accept(
                    FollowerEvent.Troubled.of(new FollowerEvent.Part.Store(to.location()), e));
        } catch (IOException
                | SidecarException.StorageUnavailable
                | SidecarException.StorageDenied _) {
            // Told by whoever ships there; it is tried again
        }
    }

    private void fill(ObjectStore from) throws IOException, FormatException {
        if (!(Archive.open(from) instanceof OpenOutcome.Found(Archive source))
                || !(Archive.open(to) instanceof OpenOutcome.Found(Archive copy))
                || !source.info().equals(info)
                || !copy.info().equals(info)) {
            return;
        }
        Given given = new Given(from);
        new OlderSnapshots(source, copy, given).copy(mark.seq());
        given.tell();
    }

    /// What one of the others has given.
    private final class Given implements Filling.Watch {
        private final ObjectStore from;
        private final long began = time.nanoTime();
        private long objects;
        private long bytes;

        Given(ObjectStore from) {
            this.from = from;
        }

        @Override
        public void checkStop() {
            if (isStopping) {
                throw new SidecarException.StorageUnavailable(
                        "older snapshots were being copied to " + to.location(),
                        "Start replicate again: it goes on from there.");
            }
        }

        @Override
        public void stored(Copied.Stored object, long lastSeq) {
            objects++;
            bytes += object.bytes();
        }

        @Override
        public void damaged(FormatException object) {
            events.accept(CopyFilling.damage(from, object));
        }

        void tell() {
            if (objects > 0) {
                events.accept(
                        new FollowerEvent.Filled(
                                to.location(),
                                from.location(),
                                objects,
                                bytes,
                                Duration.ofNanos(time.nanoTime() - began)));
            }
        }
    }
}
