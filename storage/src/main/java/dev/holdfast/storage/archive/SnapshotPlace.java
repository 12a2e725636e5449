package dev.holdfast.storage.archive;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.SnapshotFooter;
import dev.holdfast.format.failure.FormatException;

import java.util.Optional;

/// Whether a snapshot is of the log that it lies beside: one that is whole can still be another
/// writer's, or have been made by anybody who may write to the store.
public final class SnapshotPlace {
    private SnapshotPlace() {}

    /// Holds what it names against that log.
    ///
    /// @param segment the log's at which the snapshot is consistent; empty if the log ends before
    public static void check(SnapshotReader snapshot, Optional<LogSegment> segment)
            throws FormatException {
        if (segment.isEmpty()) {
            throw new FormatException.MissingObject(
                    ObjectNames.log(snapshot.footer().consistentAt()),
                    snapshot.object() + " needs the log up to that segment");
        }
        check(snapshot, segment.get());
    }

    /// Checks that the segment after which a snapshot says to be consistent is the one that it
    /// names, and that no snapshot in the clear takes the place of what was encrypted.
    ///
    /// @param segment that one, its digest as read or computed
    public static void check(SnapshotReader snapshot, LogSegment segment) throws FormatException {
        SegmentHeader header = segment.header();
        SnapshotFooter footer = snapshot.footer();
        long at = snapshot.objectBytes() - SnapshotFooter.BYTES;
        if (!footer.segmentDigest().equals(segment.digest())) {
            throw new FormatException.DigestMismatch(
                    snapshot.object(),
                    at,
                    "segment " + header.seq(),
                    footer.segmentDigest().toString(),
                    segment.digest().toString());
        }
        if (footer.tx() != header.lastTx()) {
            throw new FormatException.BadField(
                    snapshot.object(),
                    at,
                    "transaction",
                    String.valueOf(footer.tx()),
                    header.lastTx() + ", the last one of segment " + header.seq());
        }
        if (header.isSealed() && !snapshot.header().isSealed()) {
            throw new FormatException.BadField(
                    snapshot.object(),
                    0,
                    "sealed",
                    "not set",
                    "set, as in segment " + header.seq());
        }
    }
}
