package dev.holdfast.replicator;

import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogReader;
import dev.holdfast.storage.archive.SnapshotReader;
import dev.holdfast.storage.state.LogPoint;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// How much has happened since the newest snapshot from which the log's end can be restored.
///
/// @param micros time of the snapshot
/// @param logBytes uncompressed, since then
record SnapshotAge(long micros, long logBytes, long segments) {

    /// Empty if there is none, or if history began anew after it, or if commits came after it that
    /// have no state checksum: whatever follows, one of these may be what is durable next. Reads
    /// headers only.
    static Optional<SnapshotAge> find(Archive archive, LogPoint end, Spool spool)
            throws IOException {
        try {
            List<Long> snapshots = archive.snapshots();
            if (snapshots.isEmpty() || end.seq() == 0) {
                return Optional.empty();
            }
            SnapshotReader newest = archive.snapshot(snapshots.getFirst());
            return since(
                    archive, newest.footer().consistentAt(), newest.header().beganMicros(), spool);
        } catch (FormatException _) {
            // A snapshot that can't be read is none: a new one is taken, and verify names the old
            // one
            return Optional.empty();
        }
    }

    private static Optional<SnapshotAge> since(Archive archive, long seq, long micros, Spool spool)
            throws IOException, FormatException {
        long logBytes = 0;
        long segments = 0;
        boolean isSameHistory = true;
        try (LogReader log = archive.log(seq + 1)) {
            for (Optional<SegmentHeader> next = log.next(); next.isPresent(); next = log.next()) {
                isSameHistory &= next.get().kind() != SegmentHeader.Kind.REBASE;
                logBytes += next.get().rawLength();
                segments++;
            }
        }
        for (SpoolEntry waiting : spool.from(seq + segments + 1)) {
            isSameHistory &= waiting.header().kind() != SegmentHeader.Kind.REBASE;
            logBytes += waiting.header().rawLength();
            segments++;
        }
        return isSameHistory && isAllKnown(spool, seq + 1)
                ? Optional.of(new SnapshotAge(micros, logBytes, segments))
                : Optional.empty();
    }

    /// Whether all commits from there on have a state checksum, as far as the spool says.
    private static boolean isAllKnown(Spool spool, long fromSeq) throws IOException {
        for (SpoolEntry entry : spool.from(fromSeq)) {
            if (entry.header().kind() == SegmentHeader.Kind.COMMITS
                    && !new SpoolScan(entry.file()).isMapKnown(entry)) {
                return false;
            }
        }
        return true;
    }
}
