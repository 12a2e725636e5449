package dev.holdfast.storage.archive;

import dev.holdfast.format.Digest;
import dev.holdfast.format.SegmentHeader;

/// A finished segment and where it lies in its file.
public record SealedSegment(SegmentHeader header, Digest digest, long offset) {
    /// Header, body and digest.
    public long storedLength() {
        return header.storedLength();
    }

    /// Offset of the first byte after it, where the next one goes.
    public long end() {
        return offset + storedLength();
    }
}
