package dev.holdfast.restore.history;

import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException.CorruptArchive;
import dev.holdfast.restore.ArchiveReading;
import dev.holdfast.restore.LogIndex;
import dev.holdfast.restore.RestorablePoints;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogReader;
import dev.holdfast.storage.archive.RecordVisitor;
import dev.holdfast.storage.archive.SnapshotReader;
import dev.holdfast.storage.seal.Identity;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Reads an archive's history in the order of the log. Bounded memory: entries are handed on as
/// they are read, or, under a limit, the newest ones are kept. If the log has lost its end that is
/// said after what is left was told.
public final class History {
    private final Archive archive;
    private final HistoryQuery query;
    private final List<Long> snapshots;
    private final long endSeq;

    private History(Archive archive, HistoryQuery query, List<Long> snapshots, long endSeq) {
        this.archive = archive;
        this.query = query;
        this.snapshots = snapshots;
        this.endSeq = endSeq;
    }

    /// Hands the entries that `query` includes to `sink`, oldest first.
    public static void read(ObjectStore store, HistoryQuery query, Consumer<HistoryEntry> sink) {
        read(store, List.of(), query, sink);
    }

    /// The same for a reader who may open what is encrypted.
    public static void read(
            ObjectStore store,
            List<Identity> identities,
            HistoryQuery query,
            Consumer<HistoryEntry> sink) {
        ArchiveReading.in(
                store,
                identities,
                archive -> {
                    List<Long> snapshots = archive.snapshots();
                    new History(archive, query, snapshots, endSeq(archive)).read(sink);
                    return snapshots;
                });
    }

    /// Where the log ends. If that can't be read, the walk comes to it and says so.
    private static long endSeq(Archive archive) throws IOException {
        try {
            return archive.end(1).map(end -> end.last().seq()).orElse(0L);
        } catch (FormatException _) {
            return Long.MAX_VALUE;
        }
    }

    private void read(Consumer<HistoryEntry> sink) throws IOException, FormatException {
        boolean isToEnd = query.limit().isEmpty() ? walk(sink) : readNewest(sink);
        Optional<CorruptArchive> cutOff =
                isToEnd
                        ? new RestorablePoints(archive, snapshots, endSeq).cutOff()
                        : Optional.empty();
        if (cutOff.isPresent()) {
            throw cutOff.get();
        }
    }

    private boolean readNewest(Consumer<HistoryEntry> sink) throws IOException, FormatException {
        int limit = query.limit().orElseThrow();
        Deque<HistoryEntry> newest = new ArrayDeque<>();
        boolean isToEnd =
                walk(entry -> {
                    if (newest.size() == limit) {
                        newest.remove();
                    }
                    newest.add(entry);
                });
        newest.forEach(sink);
        return isToEnd;
    }

    /// @return whether nothing is left of the log
    private boolean walk(Consumer<HistoryEntry> sink) throws IOException, FormatException {
        Optional<SnapshotReader> start = start();
        long firstSeq = start.map(snapshot -> snapshot.header().replayFrom()).orElse(1L);
        long fromSeq = start.map(snapshot -> snapshot.footer().consistentAt()).orElse(1L);
        Consumer<HistoryEntry> included =
                entry -> {
                    if (query.includes(entry)) {
                        sink.accept(entry);
                    }
                };
        SnapshotsAhead ahead = new SnapshotsAhead(archive, snapshots, firstSeq, endSeq);
        SegmentEntries entries = new SegmentEntries(ahead, included);
        try (LogReader log = archive.log(Math.min(firstSeq, fromSeq))) {
            Optional<SegmentHeader> next = log.next();
            while (next.isPresent() && next.get().firstMicros() <= query.untilMicros()) {
                read(next.get(), log, fromSeq, entries);
                next = log.next();
            }
            return next.isEmpty();
        }
    }

    private void read(SegmentHeader segment, LogReader log, long fromSeq, SegmentEntries entries)
            throws IOException, FormatException {
        if (segment.seq() < fromSeq) {
            if (log.canDecode()) {
                log.decode(RecordVisitor.NONE);
            } else {
                log.skip();
            }
            return;
        }
        entries.begin(segment, log.object().name());
        if (log.canDecode()) {
            log.decode(entries);
        } else {
            // Only where a snapshot needs nothing of the log: its segment is told of by the
            // snapshot.
            log.verify();
        }
        entries.end();
    }

    /// The newest snapshot after which all that is wanted stands; none if the log must be read from
    /// its beginning.
    private Optional<SnapshotReader> start() throws IOException, FormatException {
        long beforeTx = Long.MAX_VALUE;
        if (query.limit().isPresent()) {
            // Each transaction is an entry: so many transactions behind a snapshot are enough.
            long until = query.untilMicros();
            long lastTx =
                    LogIndex.of(archive)
                            .last(segment -> segment.firstMicros() <= until)
                            .map(segment -> segment.firstTx() - 1)
                            .orElse(0L);
            beforeTx = lastTx - query.limit().getAsInt();
        }
        for (long seq : snapshots) {
            SnapshotReader snapshot = archive.snapshot(seq);
            if (snapshot.footer().consistentAt() > endSeq) {
                continue;
            }
            boolean isEnough = query.limit().isPresent() && snapshot.footer().tx() <= beforeTx;
            if (isEnough || snapshot.footer().micros() < query.sinceMicros()) {
                return Optional.of(snapshot);
            }
        }
        return Optional.empty();
    }
}
