package dev.holdfast.replicator;

import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.archive.LogEnd;
import dev.holdfast.storage.state.LogPoint;

import java.util.Optional;

/// Whose the log is, by what its end in the store and the state folder say together. That it is
/// another's is an exception: [Fencing].
sealed interface Ownership {
    /// Ours, and it goes on at `end`, the spool included.
    ///
    /// @param durable how far the store has it
    record Ours(LogPoint end, LogPoint durable, Optional<LogStart.Known> known, RebaseReason reason)
            implements Ownership {}

    /// Ours by a claim at its end, which the spool does not have yet.
    record Claimed(LogEnd end, Optional<LogStart.Known> known, RebaseReason reason)
            implements Ownership {}

    /// Ours, and the store does not have all that is not on this machine any more: it has lost some
    /// of it, or was away for too long.
    record Lacking(SidecarException why) implements Ownership {}

    /// To be claimed behind `end`: we were told to, or go on where a restore ended.
    record Claimable(LogEnd end, Optional<LogStart.Known> known, RebaseReason reason)
            implements Ownership {}
}
