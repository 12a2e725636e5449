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
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Once in a run gives a destination, from each of the others, the snapshots that are older than
/// its own first one: in a thread of its own, and no mark waits for it. One that is away is asked
/// when it is back.
final class SnapshotBackfill {
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    private final ObjectStore to;
    private final ArchiveInfo info;
    private final Supplier<List<ObjectStore>> others;
    private final BooleanSupplier isReady;
    private final ShippedMark mark;
    private final Timekeeper time;
    private final Consumer<FollowerEvent> events;
    private final Bell bell = new Bell();
    private final Set<String> asked = new HashSet<>();

    /// Of which that was told: it is over when the snapshots are there.
    private final Set<String> denying = new HashSet<>();

    private volatile boolean isStopping;

    /// @param to only what nothing else waits for is sent there
    /// @param others those that have the log now
    /// @param isReady whether it has a snapshot of its own
    SnapshotBackfill(
            ObjectStore to,
            ArchiveInfo info,
            Supplier<List<ObjectStore>> others,
            BooleanSupplier isReady,
            ShippedMark mark,
            Timekeeper time,
            Consumer<FollowerEvent> events) {
        this.to = to;
        this.info = info;
        this.others = others;
        this.isReady = isReady;
        this.mark = mark;
        this.time = time;
        this.events = events;
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
            Duration pause = PAUSE;
            while (!isStopping && asked.size() < howMany) {
                int before = asked.size();
                if (isReady.getAsBoolean()) {
                    for (ObjectStore other : others.get()) {
                        ask(other);
                    }
                    pause = asked.size() > before ? PAUSE : longer(pause);
                }
                if (asked.size() < howMany) {
                    boolean _ = bell.await(pause);
                }
            }
        } catch (RuntimeException | Error e) { // the run goes on without it: all is restorable
            events.accept(
                    GivenObjects.trouble(
                            to,
                            new SidecarException.StorageUnavailable(
                                    "older snapshots are not copied to " + to.location() + ": " + e,
                                    "heal copies them; report it, if it was not for want of"
                                            + " memory.",
                                    e)));
        }
    }

    private static Duration longer(Duration pause) {
        Duration doubled = pause.multipliedBy(2);
        return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }

    private void ask(ObjectStore from) {
        if (isStopping || asked.contains(from.location())) {
            return;
        }
        try {
            Optional<Archive> source = archive(from);
            Optional<Archive> copy = archive(to);
            if (source.isPresent() && copy.isPresent()) {
                fill(source.get(), copy.get());
            }
            asked.add(from.location());
        } catch (IOException | SidecarException.StorageUnavailable _) {
            // Told by whoever ships there; it is tried again
        } catch (SidecarException.StorageDenied e) { // an expired token, say: it is tried again
            if (denying.add(e.location())) {
                events.accept(
                        GivenObjects.trouble(e.location().equals(to.location()) ? to : from, e));
            }
        }
    }

    /// Empty if it is not ours, or damaged: that is told.
    private Optional<Archive> archive(ObjectStore store) throws IOException {
        try {
            return Archive.open(store) instanceof OpenOutcome.Found(Archive found)
                            && found.info().equals(info)
                    ? Optional.of(found)
                    : Optional.empty();
        } catch (FormatException e) {
            events.accept(GivenObjects.damage(store, e));
            return Optional.empty();
        }
    }

    private void fill(Archive from, Archive copy) throws IOException {
        GivenObjects given = new GivenObjects(from.store(), to, time);
        OlderSnapshots older = new OlderSnapshots(from, copy, new Watch(from.store(), given));
        for (long name : older.names()) {
            try {
                older.copy(name, mark.seq());
            } catch (FormatException e) {
                events.accept(GivenObjects.damage(from.store(), e));
            } catch (SidecarException.StorageDenied e) { // one of them may lie in an archive class
                if (e.location().equals(to.location())) {
                    throw e;
                }
                events.accept(GivenObjects.trouble(from.store(), e));
            } catch (SidecarException.CorruptArchive e) {
                events.accept(GivenObjects.trouble(to, e));
            }
        }
        if (!given.isNothing()) {
            events.accept(given.filled());
        }
    }

    private final class Watch implements Filling.Watch {
        private final ObjectStore from;
        private final GivenObjects given;

        Watch(ObjectStore from, GivenObjects given) {
            this.from = from;
            this.given = given;
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
            given.add(object);
        }

        @Override
        public void damaged(FormatException object) {
            events.accept(GivenObjects.damage(from, object));
        }
    }
}
