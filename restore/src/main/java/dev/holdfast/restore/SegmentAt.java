package dev.holdfast.restore;

import dev.holdfast.format.Digest;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.SnapshotFooter;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.archive.LogReader;
import dev.holdfast.storage.archive.SnapshotReader;

import java.io.IOException;
import java.util.Optional;

/// Checks of a segment against what asked for it.
public final class SegmentAt {
    private SegmentAt() {}

    /// The next header, which must be that of `seq`.
    public static SegmentHeader require(LogReader reader, long seq)
            throws IOException, FormatException {
        Optional<SegmentHeader> next = reader.next();
        if (next.isEmpty()) {
            throw new FormatException.MissingObject(
                    ObjectNames.log(seq), "the log ends before it, and it is needed");
        }
        SegmentHeader header = next.get();
        if (header.seq() != seq) {
            throw new FormatException.BadField(
                    reader.object().name(),
                    reader.offset(),
                    "seq",
                    String.valueOf(header.seq()),
                    String.valueOf(seq));
        }
        return header;
    }

    /// Checks that the segment after which a snapshot says to be consistent is the one that it
    /// names, and that no snapshot in the clear takes the place of what was encrypted: anybody who
    /// may write to the store could have made it.
    ///
    /// @param digest of that segment, as read or computed
    public static void checkTie(SnapshotReader snapshot, SegmentHeader segment, Digest digest)
            throws FormatException {
        SnapshotFooter footer = snapshot.footer();
        long at = snapshot.objectBytes() - SnapshotFooter.BYTES;
        if (!footer.segmentDigest().equals(digest)) {
            throw new FormatException.DigestMismatch(
                    snapshot.object(),
                    at,
                    "segment " + segment.seq(),
                    footer.segmentDigest().toString(),
                    digest.toString());
        }
        if (footer.tx() != segment.lastTx()) {
            throw new FormatException.BadField(
                    snapshot.object(),
                    at,
                    "transaction",
                    String.valueOf(footer.tx()),
                    segment.lastTx() + ", the last one of segment " + segment.seq());
        }
        if (segment.isSealed() && !snapshot.header().isSealed()) {
            throw new FormatException.BadField(
                    snapshot.object(),
                    0,
                    "sealed",
                    "not set",
                    "set, as in segment " + segment.seq());
        }
    }
}
