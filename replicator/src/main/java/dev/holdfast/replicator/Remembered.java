package dev.holdfast.replicator;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ReadOutcome;
import dev.holdfast.storage.state.SavedPages;
import dev.holdfast.storage.state.WriterIdentity;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What a state folder alone knows of a log that it has written, enough to go on without the first
/// store: commits are captured meanwhile, and once it is back it [joins][Joining] as all others do.
/// If somebody else has written there meanwhile the run ends then.
final class Remembered {
    /// What is committed meanwhile is not captured yet.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final WriterIdentity identity;
    private final OwnLog own;
    private final ObjectStore first;

    private Remembered(WriterIdentity identity, OwnLog own, ObjectStore first) {
        this.identity = identity;
        this.own = own;
        this.first = first;
    }

    /// Empty if nothing was shipped there from this state folder, or a claim of ours may be there:
    /// then only the store can say where the log ends.
    static Optional<Remembered> of(
            WriterIdentity identity, Optional<SavedPages> pages, Spool spool, ObjectStore first) {
        OwnLog own = OwnLog.of(identity.archive().id(), pages, spool);
        boolean isWrittenHere =
                spool.last().isPresent() || own.saved().filter(it -> !it.isRestored()).isPresent();
        return isWrittenHere
                        && !identity.isClaiming()
                        && identity.stores().contains(first.location())
                ? Optional.of(new Remembered(identity, own, first))
                : Optional.empty();
    }

    /// Whether the first store does not answer, or not to us.
    boolean isStoreAway() throws IOException {
        EarlyAnswer answer =
                EarlyAnswer.of(() -> {
                    ReadOutcome _ = first.read(ObjectNames.ARCHIVE_INFO, 0, ByteBuffer.allocate(1));
                    return Optional.empty();
                });
        if (!answer.isThereWithin(PATIENCE)) {
            return true;
        }
        try {
            return answer.await().isPresent();
        } catch (SidecarException.StorageUnavailable | SidecarException.StorageDenied _) {
            return true; // told when it is tried again
        }
    }

    /// @param stores those that are known, the first among them
    LogStart start(List<String> stores) throws IOException {
        return new LogStart(
                Optional.empty(),
                identity.writing(stores),
                own,
                own.end().orElseThrow(),
                own.known(),
                RebaseReason.CONTINUITY_LOST);
    }
}
