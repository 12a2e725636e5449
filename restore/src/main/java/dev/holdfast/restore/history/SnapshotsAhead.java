package dev.holdfast.restore.history;

import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.SnapshotReader;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/// Snapshots in the order of the log, opened as a walk comes to them: a name tells where a copy
/// began, only the footer where it ended. Owned by one thread.
final class SnapshotsAhead {
    private final Archive archive;
    private final NavigableSet<Long> names;
    private final List<SnapshotReader> begun = new ArrayList<>();

    /// @param fromSeq where the walk begins; snapshots named before that are left out
    SnapshotsAhead(Archive archive, List<Long> snapshots, long fromSeq) {
        this.archive = archive;
        this.names = new TreeSet<>(snapshots).tailSet(fromSeq, true);
    }

    /// Those that give the database after segment `seq`. Call for each segment, or for the last of
    /// some.
    List<SnapshotReader> at(long seq) throws IOException, FormatException {
        while (!names.isEmpty() && names.first() - 1 <= seq) {
            begun.add(archive.snapshot(names.removeFirst()));
        }
        List<SnapshotReader> here =
                begun.stream().filter(it -> it.footer().consistentAt() == seq).toList();
        begun.removeIf(it -> it.footer().consistentAt() <= seq);
        return here;
    }
}
