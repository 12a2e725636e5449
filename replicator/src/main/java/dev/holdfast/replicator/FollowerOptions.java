package dev.holdfast.replicator;

import dev.holdfast.format.Codec;
import dev.holdfast.storage.seal.Recipient;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// What a follower is told.
///
/// @param database may not exist yet
/// @param state the state folder
/// @param isTakeOver whether another writer's archive is to be claimed
/// @param walLimit bytes of WAL from which on a writer that neither pauses nor checkpoints is kept
///   out for moments, so that the WAL can begin anew
/// @param spool what may wait for a store that can't be reached
/// @param grace how long a stop may take to make durable what was captured
/// @param recipients for whom all is encrypted; none if nothing is
public record FollowerOptions(
        Path database,
        Path state,
        Codec codec,
        SnapshotPolicy snapshots,
        boolean isTakeOver,
        long walLimit,
        SpoolPolicy spool,
        Duration grace,
        List<Recipient> recipients) {
    public FollowerOptions {
        recipients = List.copyOf(recipients);
    }

    /// The same, in the clear.
    public FollowerOptions(
            Path database,
            Path state,
            Codec codec,
            SnapshotPolicy snapshots,
            boolean isTakeOver,
            long walLimit,
            SpoolPolicy spool,
            Duration grace) {
        this(database, state, codec, snapshots, isTakeOver, walLimit, spool, grace, List.of());
    }

    /// The same, encrypted.
    public FollowerOptions sealedFor(List<Recipient> readers) {
        return new FollowerOptions(
                database, state, codec, snapshots, isTakeOver, walLimit, spool, grace, readers);
    }

    /// More than late checkpoints of the application's own leave: a `wal_autocheckpoint` of 100,000
    /// pages is 400 MB.
    public static final long DEFAULT_WAL_LIMIT = 512 << 20;

    public static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);
}
