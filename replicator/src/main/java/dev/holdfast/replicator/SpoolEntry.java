package dev.holdfast.replicator;

import dev.holdfast.format.Digest;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.storage.state.LogPoint;

/// A finished segment in the spool, forced to disk.
///
/// @param file the spool file that holds it
/// @param offset of the segment in that file
/// @param end offset after the segment's note, where the next entry begins
/// @param total bytes of this segment and all before it that were in the spool
record SpoolEntry(
        SegmentHeader header, Digest digest, SpoolFile file, long offset, long end, long total) {
    long seq() {
        return header.seq();
    }

    LogPoint point() {
        return new LogPoint(header.seq(), digest, header.lastTx(), header.lastMicros());
    }
}
