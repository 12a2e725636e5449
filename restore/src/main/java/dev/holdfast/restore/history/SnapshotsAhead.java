package dev.holdfast.restore.history;

import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.restore.SegmentAt;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogReader;
import dev.holdfast.storage.archive.SnapshotReader;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/// Snapshots in the order of the log, opened as a walk comes near: a name tells where a copy began,
/// only the footer where it ended. Those that end behind the log's end are left out: nothing can be
/// restored from them. Owned by one thread.
final class SnapshotsAhead {
    private final Archive archive;
    private final NavigableSet<Long> names;
    private final long endSeq;

    /// Those that end at the segment at hand or behind it: all of which the copies began up to
    /// here, and the next one.
    private final List<SnapshotReader> open = new ArrayList<>();

    /// @param fromSeq where the walk begins; snapshots named before that are left out
    /// @param endSeq where the log ends
    SnapshotsAhead(Archive archive, List<Long> snapshots, long fromSeq, long endSeq) {
        this.archive = archive;
        this.endSeq = endSeq;
        this.names = new TreeSet<>(snapshots).tailSet(fromSeq, true);
    }

    /// The walk is at a segment.
    void advanceTo(SegmentHeader segment) throws IOException, FormatException {
        long seq = segment.seq();
        open.removeIf(snapshot -> snapshot.footer().consistentAt() < seq);
        while (!names.isEmpty() && (open.isEmpty() || names.first() - 1 <= seq)) {
            SnapshotReader snapshot = archive.snapshot(names.removeFirst());
            long end = snapshot.footer().consistentAt();
            if (end >= seq && end <= endSeq) {
                open.add(snapshot);
            }
        }
        for (SnapshotReader snapshot : List.copyOf(open)) {
            if (snapshot.footer().tx() <= segment.lastTx() && !isThereBehind(seq, snapshot)) {
                open.remove(snapshot);
            }
        }
    }

    /// Whether all is there between a segment and the end of a snapshot: claims, if the snapshot's
    /// transaction is not behind the segment. Without them it is no base of a restore.
    private boolean isThereBehind(long seq, SnapshotReader snapshot) throws IOException {
        long end = snapshot.footer().consistentAt();
        if (seq == end) {
            return true;
        }
        try (LogReader log = archive.log(seq + 1)) {
            for (long next = seq + 1; next <= end; next++) {
                SegmentHeader _ = SegmentAt.require(log, next);
                log.skip();
            }
            return true;
        } catch (FormatException _) {
            return false; // the walk comes to it, and says so
        }
    }

    /// Whether there is a snapshot of just this transaction, which lies in the segment at hand.
    /// Only claims may stand between the transaction and where the copy ended.
    boolean give(long tx) {
        return open.stream().anyMatch(snapshot -> snapshot.footer().tx() <= tx);
    }

    /// Those that end with segment `seq`.
    List<SnapshotReader> endingAt(long seq) {
        return open.stream().filter(snapshot -> snapshot.footer().consistentAt() == seq).toList();
    }
}
