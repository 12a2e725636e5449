package dev.holdfast.storage.archive;

import dev.holdfast.format.Digest;
import dev.holdfast.format.SegmentHeader;

/// The last segment of a log, as its object says: the header's checksum and the chain within the
/// object hold, the digest was read, not computed.
///
/// @param object that holds it
public record LogEnd(SegmentHeader last, Digest digest, LogObject object) {}
