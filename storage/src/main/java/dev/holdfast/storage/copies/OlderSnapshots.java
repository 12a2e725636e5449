package dev.holdfast.storage.copies;

import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.SnapshotReader;

import java.io.IOException;
import java.util.List;

/// The snapshots that a copy lacks and that are older than its own first one. It has the log, but
/// what was committed before its own first snapshot can't be restored from it without them. Owned
/// by one thread.
public final class OlderSnapshots {
    private final Archive from;
    private final Archive to;
    private final Filling.Watch watch;

    /// From here on the copy can be restored.
    private long firstTx;

    /// @param to another copy of the same archive
    public OlderSnapshots(Archive from, Archive to, Filling.Watch watch) {
        this.from = from;
        this.to = to;
        this.watch = watch;
    }

    /// Their names, newest first, so that whoever is interrupted finds what is still missing; none
    /// as long as the copy has no snapshot of its own.
    public List<Long> names() throws IOException {
        List<Long> own = to.snapshots();
        if (own.isEmpty()) {
            return List.of();
        }
        long first = own.getLast();
        List<Long> older = from.snapshots().stream().filter(name -> name < first).toList();
        firstTx = older.isEmpty() ? 0 : txOf(first);
        return older;
    }

    /// Copies one of [#names], if there is something that can't be restored without it.
    ///
    /// @param durableSeq how far the copy has the log
    /// @throws FormatException if it is damaged
    /// @throws dev.holdfast.format.failure.SidecarException.CorruptArchive if what the copy has
    ///   under its name is damaged
    public void copy(long name, long durableSeq) throws IOException, FormatException {
        SnapshotReader snapshot = from.snapshot(name);
        long seq = snapshot.footer().consistentAt();
        if (seq > durableSeq || snapshot.footer().tx() >= firstTx) {
            return;
        }
        // First: whoever may read the log may read all that is copied of it
        KeyCopier.copy(from.store(), to.store(), watch, durableSeq);
        Filling.requireFits(snapshot, from, to, seq);
        if (SnapshotCopier.copy(snapshot, to.store(), watch::checkStop)
                instanceof Copied.Stored stored) {
            watch.stored(stored, durableSeq);
        }
        firstTx = snapshot.footer().tx();
    }

    private long txOf(long name) throws IOException {
        try {
            return to.snapshot(name).footer().tx();
        } catch (FormatException _) {
            return Long.MAX_VALUE; // it holds nothing
        }
    }
}
