package dev.holdfast.restore;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.SnapshotFooter;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException.CorruptArchive;
import dev.holdfast.format.failure.SidecarException.NoSuchPoint;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogReader;
import dev.holdfast.storage.archive.SnapshotReader;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Which transactions can be restored: each from the first snapshot of a history to the history's
/// end, which is the end of the log or the last transaction before a rebase. A snapshot whose
/// `consistentAt` the log does not reach is the base of none (`docs/format.md`, section 4, step 2).
public final class RestorablePoints {
    private final Archive archive;
    private final List<Long> snapshots;
    private final long endSeq;

    /// @param snapshots seqs of all snapshots, newest first
    /// @param endSeq the last segment of the log, which was listed after the snapshots; 0 if there
    ///   is none
    public RestorablePoints(Archive archive, List<Long> snapshots, long endSeq) {
        this.archive = archive;
        this.snapshots = List.copyOf(snapshots);
        this.endSeq = endSeq;
    }

    /// That the log has lost its end, if the archive shows it, with what is left as the remedy: a
    /// snapshot is stored after the log up to its `consistentAt`.
    public Optional<CorruptArchive> cutOff() throws IOException, FormatException {
        Optional<FormatException> missing = missing();
        if (missing.isEmpty()) {
            return Optional.empty();
        }
        String remedy =
                before(Long.MAX_VALUE)
                        .map(point ->
                                "Fetch what follows from another copy of the archive, or restore"
                                        + " what is left: --tx "
                                        + point.tx()
                                        + " is its newest.")
                        .orElse(
                                "Fetch the log from another copy of the archive: nothing can be"
                                        + " restored without it.");
        return Optional.of(new CorruptArchive(missing.get(), remedy));
    }

    /// The first segment that the log has lost at its end.
    public Optional<FormatException> missing() throws IOException, FormatException {
        if (snapshots.isEmpty() || isUpTo(snapshots.getFirst(), endSeq)) {
            return Optional.empty();
        }
        long newest = snapshots.getFirst();
        long lastNeeded =
                newest - 1 > endSeq ? newest - 1 : archive.snapshot(newest).footer().consistentAt();
        return Optional.of(
                new FormatException.MissingObject(
                        ObjectNames.log(endSeq + 1),
                        "the log ends before it, and %s was stored after segment %d"
                                .formatted(ObjectNames.snapshot(newest), lastNeeded)));
    }

    /// Refuses a log that has lost its end.
    void requireEnd() throws IOException, FormatException {
        Optional<CorruptArchive> cutOff = cutOff();
        if (cutOff.isPresent()) {
            throw cutOff.get();
        }
    }

    /// The newest snapshot of a state at or before the end of segment `seq`.
    ///
    /// Names tell where copies began. Copies end in the order in which they began, some segments
    /// later, so hardly more than the first candidate is opened.
    public Optional<SnapshotReader> snapshotUpTo(long seq) throws IOException, FormatException {
        int index = indexUpTo(Math.min(seq, endSeq));
        return index < snapshots.size()
                ? Optional.of(archive.snapshot(snapshots.get(index)))
                : Optional.empty();
    }

    private int indexUpTo(long seq) throws IOException, FormatException {
        int index = 0;
        while (index < snapshots.size() && !isUpTo(snapshots.get(index), seq)) {
            index++;
        }
        return index;
    }

    private boolean isUpTo(long name, long seq) throws IOException, FormatException {
        return name - 1 <= seq && archive.snapshot(name).footer().consistentAt() <= seq;
    }

    /// The last restorable transaction up to the segment before `seq`.
    public Optional<RestorePoint> before(long seq) throws IOException, FormatException {
        Optional<SnapshotReader> snapshot = snapshotUpTo(seq - 1);
        if (snapshot.isEmpty()) {
            return Optional.empty();
        }
        SnapshotFooter footer = snapshot.get().footer();
        RestorePoint last = new RestorePoint(footer.tx(), footer.micros());
        try (LogReader log = archive.log(footer.consistentAt() + 1)) {
            for (Optional<SegmentHeader> next = log.next();
                    next.isPresent() && !isEnd(next.get(), seq);
                    next = log.next()) {
                if (next.get().recordCount() > 0) {
                    last = new RestorePoint(next.get().lastTx(), next.get().lastMicros());
                }
                log.skip();
            }
        }
        return Optional.of(last);
    }

    private static boolean isEnd(SegmentHeader segment, long seq) {
        return segment.kind() == SegmentHeader.Kind.REBASE || segment.seq() >= seq;
    }

    /// The first restorable transaction from segment `seq` on, if no history that began before goes
    /// on there: that of a snapshot.
    public Optional<RestorePoint> from(long seq) throws IOException, FormatException {
        int index = indexUpTo(seq - 1) - 1;
        if (index < 0 || !isUpTo(snapshots.get(index), endSeq)) {
            return Optional.empty();
        }
        SnapshotFooter footer = archive.snapshot(snapshots.get(index)).footer();
        return Optional.of(new RestorePoint(footer.tx(), footer.micros()));
    }

    /// A target that can't be restored.
    ///
    /// @param seq where in the log it lies, to name the points around it
    /// @throws CorruptArchive if nothing can, as the log is not there
    NoSuchPoint none(String problem, long seq) throws IOException, FormatException {
        Optional<RestorePoint> before = before(seq);
        Optional<RestorePoint> after = from(seq);
        if (before.isEmpty() && after.isEmpty()) {
            requireEnd();
        }
        String nearest =
                before.map(point -> "nearest before it: " + point)
                        .orElse("nothing can be restored before it");
        nearest +=
                after.map(point -> "; nearest after it: " + point)
                        .orElse("; nothing can be restored after it");
        String remedy =
                before.or(() -> after)
                        .map(point -> "Restore one that is there: --tx " + point.tx() + ", say.")
                        .orElse("Let replicate run until its first snapshot is complete.");
        return new NoSuchPoint(problem + "; " + nearest, remedy);
    }
}
