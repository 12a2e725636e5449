package dev.holdfast.replicator;

import dev.holdfast.format.Codec;

import java.nio.file.Path;
import java.time.Duration;

/// What a follower is told.
///
/// @param database may not exist yet
/// @param state the state folder
/// @param isTakeOver whether another writer's archive is to be claimed
/// @param grace how long a stop may take to make durable what was captured
public record FollowerOptions(
        Path database,
        Path state,
        Codec codec,
        SnapshotPolicy snapshots,
        boolean isTakeOver,
        Duration grace) {
    public static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);
}
