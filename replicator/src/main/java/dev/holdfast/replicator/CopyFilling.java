package dev.holdfast.replicator;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.OpenOutcome;
import dev.holdfast.storage.copies.Copied;
import dev.holdfast.storage.copies.Filling;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Gives a destination what it lacks and this machine does not have any more, out of another
/// destination. What is committed meanwhile waits in the spool.
final class CopyFilling implements Filling.Watch {
    private static final Duration BETWEEN_REPORTS = Duration.ofSeconds(5);

    private final ObjectStore from;
    private final ObjectStore to;
    private final Joining.Outcome.Lacking lacking;
    private final BooleanSupplier isStopping;
    private final Timekeeper time;
    private final Consumer<FollowerEvent> events;
    private final GivenObjects given;
    private long toldAt;
    private long seq;

    CopyFilling(
            ObjectStore from,
            ObjectStore to,
            Joining.Outcome.Lacking lacking,
            BooleanSupplier isStopping,
            Timekeeper time,
            Consumer<FollowerEvent> events) {
        this.from = from;
        this.to = to;
        this.lacking = lacking;
        this.isStopping = isStopping;
        this.time = time;
        this.events = events;
        this.seq = lacking.storedSeq();
        this.given = new GivenObjects(from, to, time);
        this.toldAt = time.nanoTime();
    }

    /// Does it.
    ///
    /// @return why it can't be done; tried again later
    Optional<SidecarException> run(ArchiveInfo info) throws IOException {
        tell();
        try {
            if (!(Archive.open(from) instanceof OpenOutcome.Found(Archive source))) {
                return Optional.of(
                        new SidecarException.StorageUnavailable(
                                "there is no archive in %s any more, from which %s was being filled"
                                        .formatted(from.location(), to.location()),
                                "Put it back: what is missing is there only."));
            }
            long _ = new Filling(source, copy(info), this).run(Math.max(1, lacking.storedSeq()));
        } catch (FormatException e) {
            return Optional.of(
                    new SidecarException.CorruptArchive(
                            e, "Run holdfast verify on " + from.location() + "."));
        } catch (SidecarException.CorruptArchive e) {
            return Optional.of(e);
        }
        events.accept(given.filled());
        return Optional.empty();
    }

    private Archive copy(ArchiveInfo info) throws IOException, FormatException {
        if (lacking.archive().isPresent()) {
            return lacking.archive().get();
        }
        return Archive.openOrCreate(to, info);
    }

    private void tell() {
        events.accept(
                new FollowerEvent.Filling(
                        to.location(), from.location(), seq, lacking.wantedSeq()));
    }

    @Override
    public void checkStop() {
        if (isStopping.getAsBoolean()) {
            throw new SidecarException.StorageUnavailable(
                    "%s was being filled from %s, and has the log up to segment %d now"
                            .formatted(to.location(), from.location(), seq),
                    "Start replicate again: it goes on from there.");
        }
        long now = time.nanoTime();
        if (now - toldAt >= BETWEEN_REPORTS.toNanos()) {
            toldAt = now;
            tell();
        }
    }

    @Override
    public void stored(Copied.Stored object, long lastSeq) {
        seq = lastSeq;
        given.add(object);
    }

    @Override
    public void damaged(FormatException object) {
        events.accept(GivenObjects.damage(from, object));
    }
}
