package dev.holdfast.restore.history;

import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.SnapshotReader;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/// Snapshots in the order of the log, opened as a walk comes near: a name tells where a copy began,
/// only the footer where it ended. Owned by one thread.
final class SnapshotsAhead {
    private final Archive archive;
    private final NavigableSet<Long> names;

    /// Those that end at the segment at hand or behind it: all of which the copies began up to
    /// here, and the next one.
    private final List<SnapshotReader> open = new ArrayList<>();

    /// @param fromSeq where the walk begins; snapshots named before that are left out
    SnapshotsAhead(Archive archive, List<Long> snapshots, long fromSeq) {
        this.archive = archive;
        this.names = new TreeSet<>(snapshots).tailSet(fromSeq, true);
    }

    /// The walk is at segment `seq`.
    void advanceTo(long seq) throws IOException, FormatException {
        open.removeIf(snapshot -> snapshot.footer().consistentAt() < seq);
        while (!names.isEmpty() && (open.isEmpty() || names.first() - 1 <= seq)) {
            SnapshotReader snapshot = archive.snapshot(names.removeFirst());
            if (snapshot.footer().consistentAt() >= seq) {
                open.add(snapshot);
            }
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
