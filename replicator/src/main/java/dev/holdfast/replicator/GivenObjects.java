package dev.holdfast.replicator;

import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.copies.Copied;

import java.time.Duration;

/// What one destination is given by another: counted, and told.
final class GivenObjects {
    private final ObjectStore from;
    private final ObjectStore to;
    private final Timekeeper time;
    private final long began;
    private long objects;
    private long bytes;

    GivenObjects(ObjectStore from, ObjectStore to, Timekeeper time) {
        this.from = from;
        this.to = to;
        this.time = time;
        this.began = time.nanoTime();
    }

    void add(Copied.Stored object) {
        objects++;
        bytes += object.bytes();
    }

    boolean isNothing() {
        return objects == 0;
    }

    FollowerEvent.Filled filled() {
        return new FollowerEvent.Filled(
                to.location(),
                from.location(),
                objects,
                bytes,
                Duration.ofNanos(time.nanoTime() - began));
    }

    /// What is told of something that is not copied, as it is damaged.
    ///
    /// @param store where it lies
    static FollowerEvent damage(ObjectStore store, FormatException object) {
        return trouble(
                store,
                new SidecarException.CorruptArchive(
                        object, "Run holdfast verify on " + store.location() + "."));
    }

    static FollowerEvent trouble(ObjectStore store, SidecarException why) {
        return FollowerEvent.Troubled.of(new FollowerEvent.Part.Store(store.location()), why);
    }
}
