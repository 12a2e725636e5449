package dev.holdfast.restore;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;

import java.util.OptionalLong;

/// What a restore of one transaction takes, known from names and headers alone.
///
/// @param tx the transaction that will be restored
/// @param micros its time; empty if it lies inside of a segment, whose header does not tell
/// @param isNewest whether the log holds no later transaction, and nothing is missing up to its end
/// @param snapshotSeq the seq in the snapshot's name
/// @param snapshotTx the transaction that the snapshot gives
/// @param firstSeq the first segment that is read: the snapshot's `replayFrom`, or the segment that
///   the snapshot names
/// @param lastSeq the last segment that is read; claims behind the transaction are included
/// @param isSegmentEnd whether the log has no record between the transaction and the end of
///   `lastSeq`
/// @param logBytes size of the segments `firstSeq` to `lastSeq`
public record RestorePlan(
        long tx,
        OptionalLong micros,
        boolean isNewest,
        PageSize pageSize,
        long snapshotSeq,
        long snapshotTx,
        long snapshotBytes,
        long firstSeq,
        long lastSeq,
        boolean isSegmentEnd,
        long logBytes) {

    public String snapshotObject() {
        return ObjectNames.snapshot(snapshotSeq);
    }

    /// What is fetched from the store.
    public long totalBytes() {
        return snapshotBytes + logBytes;
    }
}
