package dev.holdfast.restore;

import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.SnapshotFooter;
import dev.holdfast.format.SnapshotHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogReader;
import dev.holdfast.storage.archive.LogSegment;
import dev.holdfast.storage.archive.SnapshotPlace;
import dev.holdfast.storage.archive.SnapshotReader;
import dev.holdfast.storage.state.LogPoint;

import java.io.IOException;

/// Applies the log over the copy of a snapshot, up to one transaction, and holds each state on the
/// way against the checksum that the archive has of it (`docs/format.md`, section 4, steps 3 and
/// 4).
public final class LogReplay {
    /// Is told that a segment was read and, as far as it was wanted, applied.
    @FunctionalInterface
    public interface SegmentDone {
        void segment(SegmentHeader header) throws IOException;
    }

    private final SnapshotReader snapshot;
    private final RecordApplier applier;
    private final SegmentDone done;
    private final Archive archive;

    /// @param applier whose state is that of the snapshot's blocks
    public LogReplay(
            Archive archive, SnapshotReader snapshot, RecordApplier applier, SegmentDone done) {
        this.archive = archive;
        this.snapshot = snapshot;
        this.applier = applier;
        this.done = done;
    }

    /// The first segment that must be read to restore from a snapshot.
    public static long firstSeq(SnapshotReader snapshot) {
        return Math.min(snapshot.header().replayFrom(), snapshot.footer().consistentAt());
    }

    /// Reads from [#firstSeq] to `lastSeq`, which is not before the snapshot's `consistentAt`, and
    /// applies what is not after `toTx`.
    ///
    /// @return the end of segment `lastSeq`
    public LogPoint run(long lastSeq, long toTx) throws IOException, FormatException {
        long seq = firstSeq(snapshot);
        try (LogReader log = archive.bodies(seq, lastSeq)) {
            while (true) {
                SegmentHeader segment = SegmentAt.require(log, seq);
                read(segment, log, toTx);
                done.segment(segment);
                if (seq == lastSeq) {
                    return new LogPoint(seq, log.digest(), segment.lastTx(), segment.lastMicros());
                }
                seq++;
            }
        }
    }

    private void read(SegmentHeader segment, LogReader log, long toTx)
            throws IOException, FormatException {
        if (segment.seq() < snapshot.header().replayFrom()) {
            log.verify();
        } else {
            checkReplayable(segment, log);
            log.decode(applier, 1, toTx);
        }
        if (segment.seq() == snapshot.footer().consistentAt()) {
            becomeConsistent(segment, log);
        }
        applier.checkStates(log.object().name(), log.offset());
    }

    private void checkReplayable(SegmentHeader segment, LogReader log)
            throws IOException, FormatException {
        SnapshotHeader header = snapshot.header();
        boolean isPageSizeRight =
                segment.recordCount() == 0 || segment.pageSize().equals(header.pageSize());
        if (isPageSizeRight && log.canDecode()) {
            return;
        }
        // A header that lies is not to be blamed on the snapshot
        log.prove();
        if (!isPageSizeRight) {
            throw new FormatException.BadField(
                    log.object().name(),
                    log.offset(),
                    "page size",
                    String.valueOf(segment.pageSize().bytes()),
                    header.pageSize().bytes() + ", as in " + snapshot.object());
        }
        throw new FormatException.BadField(
                snapshot.object(),
                0,
                "replayFrom",
                "segment " + header.replayFrom(),
                "a segment with reset");
    }

    /// The copy is repaired, or never needed it.
    private void becomeConsistent(SegmentHeader segment, LogReader log)
            throws IOException, FormatException {
        SnapshotPlace.check(snapshot, new LogSegment(segment, log.digest()));
        SnapshotFooter footer = snapshot.footer();
        if (segment.seq() >= snapshot.header().replayFrom()
                && applier.state().pageCount() != footer.databasePages()) {
            throw new FormatException.BadField(
                    snapshot.object(),
                    snapshot.objectBytes() - SnapshotFooter.BYTES,
                    "database pages",
                    String.valueOf(footer.databasePages()),
                    applier.state().pageCount() + ", as in the log");
        }
        applier.becomeConsistent(
                footer.tx(), footer.micros(), footer.databasePages(), snapshot.stateChecksum());
        applier.checkStates(snapshot.object(), 0);
    }
}
