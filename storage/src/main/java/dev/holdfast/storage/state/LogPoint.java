package dev.holdfast.storage.state;

import dev.holdfast.format.Digest;

/// The end of a segment in a log, and the state of the database there.
///
/// @param digest of segment `seq`
/// @param tx the last transaction up to there; 0 in a log without any
/// @param micros the time of the last entry
public record LogPoint(long seq, Digest digest, long tx, long micros) {}
