package dev.holdfast.storage.archive;

import dev.holdfast.format.Digest;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.SegmentHeader;

/// What is known of a segment before its records are.
///
/// @param isReset whether the codec's stream begins anew; always with LZ4, never in a claim
/// @param previous digest of the segment before; for seq 1 that of archive.json
/// @param firstTx number of the first record, or of the next one if there will be none
/// @param claimMicros when a claim was made; not looked at in other segments, whose records have
///   times
public record SegmentStart(
        SegmentHeader.Kind kind,
        boolean isReset,
        PageSize pageSize,
        long seq,
        Digest previous,
        long firstTx,
        long claimMicros) {

    /// A segment of commits.
    public static SegmentStart commits(
            boolean isReset, PageSize pageSize, long seq, Digest previous, long firstTx) {
        return new SegmentStart(
                SegmentHeader.Kind.COMMITS, isReset, pageSize, seq, previous, firstTx, 0);
    }

    /// A segment of one base record.
    public static SegmentStart rebase(PageSize pageSize, long seq, Digest previous, long firstTx) {
        return new SegmentStart(
                SegmentHeader.Kind.REBASE, true, pageSize, seq, previous, firstTx, 0);
    }

    /// A segment that says who writes from here on.
    ///
    /// @param nextTx number of the record that will come next
    public static SegmentStart claim(
            PageSize pageSize, long seq, Digest previous, long nextTx, long micros) {
        return new SegmentStart(
                SegmentHeader.Kind.CLAIM, false, pageSize, seq, previous, nextTx, micros);
    }
}
