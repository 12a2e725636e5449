package dev.holdfast.storage.state;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Digest;

/// The end of a segment in a log, and the state of the database there.
///
/// @param seq 0 before the first segment
/// @param digest of segment `seq`, or of the archive
/// @param tx the last transaction up to there; 0 in a log without any
/// @param micros the time of the last entry
public record LogPoint(long seq, Digest digest, long tx, long micros) {
    /// Before the first segment.
    public static LogPoint beginning(ArchiveInfo archive) {
        return new LogPoint(0, archive.digest(), 0, 0);
    }
}
