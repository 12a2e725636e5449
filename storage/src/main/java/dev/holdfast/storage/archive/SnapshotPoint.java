package dev.holdfast.storage.archive;

import dev.holdfast.format.Digest;

/// The state that a snapshot gives once the log is applied over it.
///
/// @param consistentAt seq of a segment with whose end the state is that
/// @param segmentDigest of that segment
/// @param tx the last transaction there
/// @param micros its time
/// @param databasePages size of the database there
/// @param stateChecksum of the database there
public record SnapshotPoint(
        long consistentAt,
        Digest segmentDigest,
        long tx,
        long micros,
        long databasePages,
        long stateChecksum) {}
