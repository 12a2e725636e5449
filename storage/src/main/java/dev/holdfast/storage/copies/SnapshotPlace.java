package dev.holdfast.storage.copies;

import dev.holdfast.format.Digest;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.SnapshotFooter;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.archive.SnapshotReader;

import java.util.Optional;

/// Whether a snapshot is of the log that it lies beside: one that is whole can still be another
/// writer's.
public final class SnapshotPlace {
    private SnapshotPlace() {}

    /// Holds what it names against that log.
    ///
    /// @param digest of the log's segment at which the snapshot is consistent; empty if the log
    ///   ends before
    public static void check(SnapshotReader snapshot, Optional<Digest> digest)
            throws FormatException {
        SnapshotFooter footer = snapshot.footer();
        if (digest.isEmpty()) {
            throw new FormatException.MissingObject(
                    ObjectNames.log(footer.consistentAt()),
                    snapshot.object() + " needs the log up to that segment");
        }
        if (!digest.get().equals(footer.segmentDigest())) {
            throw new FormatException.DigestMismatch(
                    snapshot.object(),
                    0,
                    "segment %d, which it names".formatted(footer.consistentAt()),
                    footer.segmentDigest().toString(),
                    digest.get().toString());
        }
    }
}
