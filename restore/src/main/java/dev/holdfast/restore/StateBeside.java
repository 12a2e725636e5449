package dev.holdfast.restore;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.state.RestoredState;
import dev.holdfast.storage.state.SavedPages;
import dev.holdfast.storage.state.StateFolder;

import java.nio.file.Path;
import java.util.Optional;

/// What lies beside a restored database for a replicator to go on from, after the restore.
public sealed interface StateBeside {
    /// A replicator goes on where the log ends, without a new snapshot.
    record Left(Path folder) implements StateBeside {}

    /// Nothing: a replicator has to take the archive over, and begins history anew.
    record None() implements StateBeside {}

    /// The state of a replicator that has followed a database here, as it was. It goes on as that
    /// writer.
    record Kept(Path folder) implements StateBeside {}

    /// Something went wrong; the database is restored all the same.
    record Failed(String problem) implements StateBeside {}

    /// Clears the place before the database appears there: the state that an earlier restore left
    /// would let a replicator take a database at an older point for the log's end.
    ///
    /// @return why not; empty if nothing is there anymore
    static Optional<StateBeside> clear(Path database) {
        Path folder = StateFolder.beside(database);
        try {
            return RestoredState.remove(folder) ? Optional.empty() : Optional.of(new Kept(folder));
        } catch (SidecarException e) {
            return Optional.of(
                    new Failed(
                            "remove %s before replicate starts, as it is not of this restore: %s"
                                    .formatted(folder, e.getMessage())));
        }
    }

    /// Nothing is saved for a state within a segment, or before the log's end: a replicator could
    /// not go on from there.
    static StateBeside save(Path database, RestorePlan plan, SavedPages pages) {
        if (!plan.isNewest() || !plan.isSegmentEnd()) {
            return new None();
        }
        Path folder = StateFolder.beside(database);
        try {
            RestoredState.create(folder, pages);
            return new Left(folder);
        } catch (SidecarException e) {
            return new Failed("replicate will begin with a new snapshot: " + e.getMessage());
        }
    }
}
