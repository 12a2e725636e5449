package dev.holdfast.storage.archive;

import dev.holdfast.format.Digest;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.SegmentHeader;

/// What is known of a segment with records before these are.
///
/// @param isReset whether the codec's stream begins anew; always with LZ4
/// @param previous digest of the segment before; for seq 1 that of archive.json
/// @param firstTx number of the first record
public record SegmentStart(
        SegmentHeader.Kind kind,
        boolean isReset,
        PageSize pageSize,
        long seq,
        Digest previous,
        long firstTx) {

    public SegmentStart {
        if (kind == SegmentHeader.Kind.CLAIM) {
            throw new IllegalArgumentException("a claim has no records");
        }
    }

    /// A segment of commits.
    public static SegmentStart commits(
            boolean isReset, PageSize pageSize, long seq, Digest previous, long firstTx) {
        return new SegmentStart(
                SegmentHeader.Kind.COMMITS, isReset, pageSize, seq, previous, firstTx);
    }

    /// A segment of one base record.
    public static SegmentStart rebase(PageSize pageSize, long seq, Digest previous, long firstTx) {
        return new SegmentStart(SegmentHeader.Kind.REBASE, true, pageSize, seq, previous, firstTx);
    }
}
