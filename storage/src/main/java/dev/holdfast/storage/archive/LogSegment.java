package dev.holdfast.storage.archive;

import dev.holdfast.format.Digest;
import dev.holdfast.format.SegmentHeader;

/// A segment of the log, without its records.
///
/// @param digest of it, as read or computed
public record LogSegment(SegmentHeader header, Digest digest) {}
