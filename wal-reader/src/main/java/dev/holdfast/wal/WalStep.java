package dev.holdfast.wal;

/// What one look at the frames of a WAL found.
public sealed interface WalStep permits WalStep.Committed, WalStep.CaughtUp, WalBreak {
    /// Commits were visited, and all of them are proven.
    ///
    /// @param end the end of the last one. Before the oracle's after a very long range
    ///   ([WalFile#BATCH_FRAMES]): read on from there
    record Committed(WalPosition end, int commits, long frames) implements WalStep {}

    /// There is no commit after the position.
    record CaughtUp() implements WalStep {}
}
