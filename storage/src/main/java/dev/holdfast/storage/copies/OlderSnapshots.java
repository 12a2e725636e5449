package dev.holdfast.storage.copies;

import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.SnapshotPlace;
import dev.holdfast.storage.archive.SnapshotReader;

import java.io.IOException;
import java.util.List;

/// Gives a copy the snapshots that are older than its own first one. It has the log, but what was
/// committed before its own first snapshot can't be restored from it without them. Newest first, so
/// that whoever was interrupted finds what is still missing. Owned by one thread.
public final class OlderSnapshots {
    private final Archive from;
    private final Archive to;
    private final Filling.Watch watch;

    /// @param to another copy of the same archive
    public OlderSnapshots(Archive from, Archive to, Filling.Watch watch) {
        this.from = from;
        this.to = to;
        this.watch = watch;
    }

    /// Does it; nothing as long as the copy has no snapshot of its own.
    ///
    /// @param durableSeq how far the copy has the log
    /// @throws dev.holdfast.format.failure.SidecarException.CorruptArchive if what the copy has
    ///   under a name that was to be stored is damaged
    public void copy(long durableSeq) throws IOException {
        List<Long> own = to.snapshots();
        if (own.isEmpty()) {
            return;
        }
        long first = own.getLast();
        List<Long> lacking = from.snapshots().stream().filter(name -> name < first).toList();
        if (lacking.isEmpty()) {
            return;
        }
        long firstTx = firstTx(first);
        // First: whoever may read the log may read all that is copied of it
        KeyCopier.copy(from.store(), to.store(), watch, durableSeq);
        for (long name : lacking) {
            try {
                copy(from.snapshot(name), firstTx, durableSeq);
            } catch (FormatException e) {
                watch.damaged(e);
            }
        }
    }

    /// What the copy's own first snapshot holds; if that is damaged, all of the log.
    private long firstTx(long first) throws IOException {
        try {
            return to.snapshot(first).footer().tx();
        } catch (FormatException _) {
            return Long.MAX_VALUE;
        }
    }

    private void copy(SnapshotReader snapshot, long firstTx, long durableSeq)
            throws IOException, FormatException {
        long seq = snapshot.footer().consistentAt();
        if (snapshot.footer().tx() >= firstTx || seq > durableSeq) {
            return; // it would add nothing
        }
        SnapshotPlace.check(snapshot, to.segment(seq));
        if (SnapshotCopier.copy(snapshot, to.store(), watch::checkStop)
                instanceof Copied.Stored stored) {
            watch.stored(stored, durableSeq);
        }
    }
}
