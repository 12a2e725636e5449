package dev.holdfast.restore;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.SnapshotFooter;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.FormatException.MissingObject;
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
/// `consistentAt` the log does not reach is the base of none (`docs/format.md`, section 4, step 2);
/// nor is one for which a segment is missing that is read with it, and none can be restored behind
/// a hole in the log until the next snapshot.
public final class RestorablePoints {
    /// How far what is left of the log leads.
    ///
    /// @param snapshot on which `last` rests
    /// @param last the last transaction that can be restored
    /// @param missing why it is not the last of its history, or that history can't be restored at
    ///   all
    public record Reach(
            Optional<SnapshotReader> snapshot,
            Optional<RestorePoint> last,
            Optional<MissingObject> missing) {
        Reach butFor(Optional<MissingObject> other) {
            return new Reach(snapshot, last, other.or(() -> missing));
        }

        /// What is missing, with what is left as the remedy.
        public Optional<CorruptArchive> loss() {
            return missing.map(object -> new CorruptArchive(object, remedy()));
        }

        String remedy() {
            return last.map(point ->
                            "Fetch what is missing from another copy of the archive, or restore"
                                    + " what is left: --tx "
                                    + point.tx()
                                    + " is its newest.")
                    .orElse(
                            "Fetch the log from another copy of the archive: nothing can be"
                                    + " restored without it.");
        }
    }

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

    /// The newest that can be restored, and what is missing if there was a newer one. What a writer
    /// has stored since the log was listed is not looked at: all answers are of that moment.
    public Reach newest() throws IOException, FormatException {
        return upTo(endSeq).butFor(missing());
    }

    /// That the log has lost its end, if the archive shows it: a snapshot is stored after the log
    /// up to its `consistentAt`.
    public Optional<CorruptArchive> cutOff() throws IOException, FormatException {
        return missing().isEmpty() ? Optional.empty() : newest().loss();
    }

    /// The first segment that the log has lost at its end.
    public Optional<MissingObject> missing() throws IOException, FormatException {
        if (snapshots.isEmpty() || isUpTo(snapshots.getFirst(), endSeq)) {
            return Optional.empty();
        }
        long newest = snapshots.getFirst();
        long lastNeeded =
                newest - 1 > endSeq ? newest - 1 : archive.snapshot(newest).footer().consistentAt();
        return Optional.of(
                new MissingObject(
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

    /// The last restorable transaction up to segment `seq`.
    private Reach upTo(long seq) throws IOException, FormatException {
        Optional<MissingObject> missing = Optional.empty();
        for (int i = indexUpTo(Math.min(seq, endSeq)); i < snapshots.size(); i++) {
            Reach reach = reach(archive.snapshot(snapshots.get(i)), seq).butFor(missing);
            if (reach.last().isPresent()) {
                return reach;
            }
            missing = reach.missing();
        }
        return new Reach(Optional.empty(), Optional.empty(), missing);
    }

    /// The last transaction up to segment `seq` to which the log leads from a snapshot, by headers
    /// alone; empty if some of what is read with the snapshot is missing.
    private Reach reach(SnapshotReader snapshot, long seq) throws IOException, FormatException {
        SnapshotFooter footer = snapshot.footer();
        Optional<RestorePoint> last = Optional.empty();
        Optional<MissingObject> missing = Optional.empty();
        try (LogReader log = archive.log(LogReplay.firstSeq(snapshot))) {
            for (Optional<SegmentHeader> next = log.next();
                    next.isPresent() && !isBehind(next.get(), footer, seq);
                    next = log.next()) {
                SegmentHeader segment = next.get();
                if (segment.seq() == footer.consistentAt()) {
                    last = Optional.of(new RestorePoint(footer.tx(), footer.micros()));
                } else if (last.isPresent() && segment.recordCount() > 0) {
                    last = Optional.of(new RestorePoint(segment.lastTx(), segment.lastMicros()));
                }
                log.skip();
            }
        } catch (MissingObject e) {
            missing = Optional.of(e);
        }
        return new Reach(Optional.of(snapshot), last, missing);
    }

    private static boolean isBehind(SegmentHeader segment, SnapshotFooter footer, long seq) {
        return segment.seq() > seq
                || (segment.kind() == SegmentHeader.Kind.REBASE
                        && segment.seq() > footer.consistentAt());
    }

    /// The first restorable transaction from segment `seq` on, if no history that began before goes
    /// on there: that of a snapshot.
    public Optional<RestorePoint> from(long seq) throws IOException, FormatException {
        Optional<RestorePoint> first = Optional.empty();
        for (int i = indexUpTo(seq - 1) - 1; i >= 0 && first.isEmpty(); i--) {
            SnapshotReader snapshot = archive.snapshot(snapshots.get(i));
            long end = snapshot.footer().consistentAt();
            if (end > endSeq) {
                break;
            }
            first = reach(snapshot, end).last();
        }
        return first;
    }

    /// A target that can't be restored.
    ///
    /// @param seq where in the log it lies, to name the points around it
    /// @throws CorruptArchive if nothing can, as the log is not there
    NoSuchPoint none(String problem, long seq) throws IOException, FormatException {
        Optional<RestorePoint> before = upTo(seq - 1).last();
        Optional<RestorePoint> after = from(seq);
        Optional<CorruptArchive> loss =
                before.isEmpty() && after.isEmpty() ? newest().loss() : Optional.empty();
        if (loss.isPresent()) {
            throw loss.get();
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
