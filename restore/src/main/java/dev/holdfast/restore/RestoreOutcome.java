package dev.holdfast.restore;

import java.nio.file.Path;

/// What became of a restore that did not fail.
public sealed interface RestoreOutcome {
    /// The database is there: whole, checked and forced to disk.
    ///
    /// @param micros time of the restored transaction
    /// @param databaseBytes size of the file
    /// @param state what a replicator finds beside it
    record Restored(
            RestorePlan plan,
            Path out,
            long micros,
            long databaseBytes,
            long stateChecksum,
            StateBeside state)
            implements RestoreOutcome {}

    /// A dry run: nothing but headers was read, nothing was written.
    record Planned(RestorePlan plan) implements RestoreOutcome {}

    /// There was such a file already, and that was allowed. Nothing was done.
    record AlreadyThere(Path out) implements RestoreOutcome {}

    /// Stopped from outside. Nothing is left behind.
    record Stopped() implements RestoreOutcome {}
}
