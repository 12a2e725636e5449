package dev.holdfast.restore;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.state.LogPoint;
import dev.holdfast.storage.state.SavedPages;
import dev.holdfast.storage.state.StateFolder;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/// Leaves beside a restored database what a replicator needs to go on where the log ends, without a
/// new snapshot.
final class StateBeside {
    private StateBeside() {}

    /// Nothing is saved for a state within a segment, or before the log's end: a replicator could
    /// not go on from there.
    ///
    /// @return what went wrong; the database is restored all the same
    static Optional<String> save(
            Path database, ArchiveId archive, RestorePlan plan, LogPoint end, ReplayedState state) {
        if (!plan.isNewest() || !plan.isSegmentEnd()) {
            return Optional.empty();
        }
        try {
            StateFolder.createRestored(
                    StateFolder.beside(database),
                    new SavedPages(
                            archive, end, state.pageSize(), state.pages(), ByteBuffer.allocate(0)));
            return Optional.empty();
        } catch (SidecarException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
