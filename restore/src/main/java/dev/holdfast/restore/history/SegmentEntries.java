package dev.holdfast.restore.history;

import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.SnapshotFooter;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.archive.RecordVisitor;
import dev.holdfast.storage.archive.SnapshotReader;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/// Makes entries of segments, one after another, and knows which transactions a snapshot covers.
final class SegmentEntries implements RecordVisitor {
    private final Consumer<HistoryEntry> sink;
    private final SnapshotsAhead ahead;
    private @Nullable SegmentHeader segment;
    private String object = "";

    /// Whether a snapshot of this history lies at or before the transaction at hand.
    private boolean isCovered;

    SegmentEntries(SnapshotsAhead ahead, Consumer<HistoryEntry> sink) {
        this.ahead = ahead;
        this.sink = sink;
    }

    /// A segment begins.
    void begin(SegmentHeader header, String name) throws IOException, FormatException {
        segment = header;
        object = name;
        ahead.advanceTo(header);
        if (header.kind() == SegmentHeader.Kind.CLAIM) {
            sink.accept(
                    new HistoryEntry.Claim(
                            header.seq(), name, header.firstMicros(), header.writer()));
        }
    }

    @Override
    public void end(long tx, RecordHeader header) {
        SegmentHeader at = at();
        Optional<RebaseReason> rebase = header.rebase();
        isCovered &= rebase.isEmpty();
        isCovered |= ahead.give(tx);
        boolean isRestorable = isCovered && (header.stateChecksum().isPresent() || ahead.give(tx));
        if (rebase.isPresent()) {
            sink.accept(
                    new HistoryEntry.Base(
                            at.seq(),
                            object,
                            tx,
                            header.micros(),
                            rebase.get(),
                            header.databasePages(),
                            isRestorable));
            return;
        }
        long rawBytes = header.rawLength(at.pageSize());
        sink.accept(
                new HistoryEntry.Commit(
                        at.seq(),
                        object,
                        tx,
                        header.micros(),
                        header.pageCount(),
                        header.databasePages(),
                        rawBytes,
                        Math.round((double) at.storedLength() * rawBytes / at.rawLength()),
                        isRestorable));
    }

    /// The segment was read to its end.
    void end() {
        for (SnapshotReader snapshot : ahead.endingAt(at().seq())) {
            SnapshotFooter footer = snapshot.footer();
            isCovered = true;
            sink.accept(
                    new HistoryEntry.Snapshot(
                            footer.consistentAt(),
                            snapshot.object(),
                            footer.tx(),
                            footer.micros(),
                            footer.databasePages(),
                            snapshot.objectBytes()));
        }
    }

    private SegmentHeader at() {
        if (segment == null) {
            throw new IllegalStateException("no segment was begun");
        }
        return segment;
    }
}
