package dev.holdfast.replicator;

import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.state.LogPoint;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Looks whether a destination's newest history has a snapshot already, so that it can be restored.
/// In a thread of its own, as each object since then is asked for: nothing is called durable until
/// it is known, but capture and shipping wait for it for a while only.
final class SnapshotSearch {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final Spool spool;
    private final BooleanSupplier isStopping;
    private final Shipper.Signals signals;
    private final Bell capture;

    private volatile @Nullable Found found;

    /// What was found.
    ///
    /// @param newest empty if there is none
    record Found(Optional<SnapshotAge> newest) {}

    /// @param capture rung once it is known
    SnapshotSearch(Spool spool, BooleanSupplier isStopping, Shipper.Signals signals, Bell capture) {
        this.spool = spool;
        this.isStopping = isStopping;
        this.signals = signals;
        this.capture = capture;
    }

    /// Empty while it is not known.
    Optional<Found> found() {
        return Optional.ofNullable(found);
    }

    /// Begins, and waits for a while.
    ///
    /// @param end of the log, the spool included
    void begin(Archive archive, LogPoint end) {
        Thread looking = Thread.ofVirtual().name("holdfast-look").start(() -> run(archive, end));
        try {
            boolean _ = looking.join(PATIENCE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(Archive archive, LogPoint end) {
        while (found == null && !isStopping.getAsBoolean()) {
            try {
                found = new Found(SnapshotAge.find(archive, end, spool));
            } catch (SidecarException.StorageUnavailable | SidecarException.StorageDenied e) {
                signals.troubled(e);
            } catch (ClosedChannelException _) {
                // What it looked at was shipped and given back meanwhile
            } catch (IOException e) {
                signals.troubled(
                        new SidecarException.StorageUnavailable(
                                "can't find out how old the newest snapshot is: " + IoReason.of(e),
                                "Nothing is lost; it is tried again.",
                                e));
            } catch (RuntimeException e) { // the top of a thread: the run must not go on without it
                signals.ended(e);
                return;
            } catch (Error e) { // no memory, say
                signals.ended(
                        new IllegalStateException(
                                "the look for the newest snapshot has ended: " + e, e));
                return;
            }
            if (found == null) {
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
        capture.ring();
    }
}
