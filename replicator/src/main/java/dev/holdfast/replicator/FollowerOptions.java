package dev.holdfast.replicator;

import dev.holdfast.format.Codec;

import java.nio.file.Path;
import java.time.Duration;

/// What a follower is told.
///
/// @param database may not exist yet
/// @param state the state folder
/// @param isTakeOver whether another writer's archive is to be claimed
/// @param walLimit bytes of WAL from which on a writer that neither pauses nor checkpoints is kept
///   out for moments, so that the WAL can begin anew
/// @param spool what may wait for a store that can't be reached
/// @param grace how long a stop may take to make durable what was captured
public record FollowerOptions(
        Path database,
        Path state,
        Codec codec,
        SnapshotPolicy snapshots,
        boolean isTakeOver,
        long walLimit,
        SpoolPolicy spool,
        Duration grace) {
    /// More than late checkpoints of the application's own leave: a `wal_autocheckpoint` of 100,000
    /// pages is 400 MB.
    public static final long DEFAULT_WAL_LIMIT = 512 << 20;

    public static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);
}
