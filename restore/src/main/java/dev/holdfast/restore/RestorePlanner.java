package dev.holdfast.restore;

import dev.holdfast.format.Micros;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.SnapshotFooter;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException.CorruptArchive;
import dev.holdfast.format.failure.SidecarException.NoSuchPoint;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogReader;
import dev.holdfast.storage.archive.LogSegment;
import dev.holdfast.storage.archive.RecordVisitor;
import dev.holdfast.storage.archive.SnapshotPlace;
import dev.holdfast.storage.archive.SnapshotReader;

import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Decides what a restore needs, or that the archive has no such state (`docs/format.md`, section
/// 4, steps 1 and 2).
///
/// Reads names and headers: all names, or for the newest transaction those since the last snapshot;
/// a few headers to find the target; and the headers between the snapshot and the target, where a
/// rebase would be. Bodies are decoded only for a moment between two transactions of one segment,
/// whose header does not tell which.
public final class RestorePlanner {
    private final Archive archive;
    private final InstantSource clock;
    private final LogIndex log;
    private final List<Long> snapshots;
    private final RestorablePoints points;

    private RestorePlanner(
            Archive archive,
            InstantSource clock,
            LogIndex log,
            List<Long> snapshots,
            RestorablePoints points) {
        this.archive = archive;
        this.clock = clock;
        this.log = log;
        this.snapshots = snapshots;
        this.points = points;
    }

    /// What a restore of `target` takes of the archive as it is now.
    ///
    /// @param clock to tell the future
    /// @throws NoSuchPoint if the target can't be restored; names the nearest points that can be
    public static RestorePlan plan(Archive archive, InstantSource clock, Target target)
            throws IOException, FormatException {
        // Snapshots first: each of them is made of segments that were stored before it.
        List<Long> snapshots = archive.snapshots();
        LogIndex log =
                target instanceof Target.Latest
                        ? LogIndex.ofEnd(archive, snapshots)
                        : LogIndex.of(archive);
        RestorablePoints points = new RestorablePoints(archive, snapshots, log.endSeq());
        return new RestorePlanner(archive, clock, log, snapshots, points).plan(target);
    }

    private RestorePlan plan(Target target) throws IOException, FormatException {
        Optional<SegmentHeader> end = log.end();
        if (end.isEmpty() || end.get().lastTx() == 0) {
            throw points.none(target + ": the archive holds no transaction yet", Long.MAX_VALUE);
        }
        return switch (target) {
            case Target.Latest() -> latest(target, end.get());
            case Target.AtTx(long tx) -> plan(target, checkRange(target, tx, end.get()), end.get());
            case Target.AtTime(long micros) ->
                    plan(target, txAt(target, micros, end.get()), end.get());
        };
    }

    /// Says of what is missing what can be restored without it.
    private RestorePlan latest(Target target, SegmentHeader end)
            throws IOException, FormatException {
        try {
            return plan(target, newest(end), end);
        } catch (FormatException.MissingObject e) {
            throw new CorruptArchive(e, points.newest().remedy());
        }
    }

    /// The newest transaction, unless the archive shows that there was a newer one.
    private long newest(SegmentHeader end) throws IOException, FormatException {
        points.requireEnd();
        return end.lastTx();
    }

    private long checkRange(Target target, long tx, SegmentHeader end)
            throws IOException, FormatException {
        if (tx < 1 || tx > end.lastTx()) {
            throw points.none(
                    "there is no %s: the log holds 1 to %d".formatted(target, newest(end)),
                    tx < 1 ? 1 : Long.MAX_VALUE);
        }
        return tx;
    }

    /// The last transaction at or before a moment.
    private long txAt(Target target, long micros, SegmentHeader end)
            throws IOException, FormatException {
        if (micros > Math.max(Micros.of(clock.instant()), end.lastMicros())) {
            throw points.none(target + " lies in the future", Long.MAX_VALUE);
        }
        Optional<SegmentHeader> found = log.segmentAt(micros);
        if (found.isEmpty() || found.get().lastTx() == 0) {
            throw points.none(target + " lies before the first transaction", 1);
        }
        if (found.get().lastMicros() > micros) {
            return txWithin(found.get(), micros);
        }
        long tx = found.get().lastTx();
        if (tx == end.lastTx()) {
            return newest(end);
        }
        SegmentHeader segment = log.segmentOf(tx);
        if (micros > segment.lastMicros()) {
            refuseGapAfter(tx, target);
        }
        return tx;
    }

    /// Nobody knows what the database was after its last known commit and before a rebase.
    private void refuseGapAfter(long tx, Target target) throws IOException, FormatException {
        SegmentHeader next = log.last(segment -> segment.firstTx() <= tx + 1).orElseThrow();
        if (next.kind() == SegmentHeader.Kind.REBASE && next.firstTx() == tx + 1) {
            prove(next.seq());
            throw points.none(
                    target
                            + " lies in a gap: history was interrupted after transaction "
                            + tx
                            + " and begins anew at "
                            + Micros.toInstant(next.firstMicros()),
                    next.seq());
        }
    }

    /// Nothing is refused on the word of a header alone.
    private void prove(long seq) throws IOException, FormatException {
        try (LogReader reader = archive.log(seq)) {
            SegmentHeader _ = SegmentAt.require(reader, seq);
            reader.verify();
        }
    }

    /// The last record at or before a moment that lies within a segment: the one question that
    /// headers can't answer.
    private long txWithin(SegmentHeader segment, long micros) throws IOException, FormatException {
        long[] found = {segment.firstTx()};
        RecordVisitor times =
                new RecordVisitor() {
                    @Override
                    public void begin(long tx, RecordHeader header) {
                        if (header.micros() <= micros) {
                            found[0] = tx;
                        }
                    }
                };
        try (LogReader reader = archive.log(decodableFrom(segment))) {
            Optional<SegmentHeader> next = reader.next();
            while (next.isPresent() && next.get().seq() < segment.seq()) {
                if (reader.canDecode()) {
                    reader.decode(RecordVisitor.NONE);
                } else {
                    reader.skip();
                }
                next = reader.next();
            }
            reader.decode(times);
        }
        return found[0];
    }

    /// A segment from which on `segment` can be decoded.
    private long decodableFrom(SegmentHeader segment) {
        if (segment.isReset()) {
            return segment.seq();
        }
        // A snapshot's name is that of a reset.
        return snapshots.stream().filter(seq -> seq <= segment.seq()).findFirst().orElse(1L);
    }

    private RestorePlan plan(Target target, long tx, SegmentHeader end)
            throws IOException, FormatException {
        SegmentHeader segment = log.segmentOf(tx);
        boolean isSegmentEnd = segment.lastTx() == tx;
        // Up to here the log has nothing after the target; claims behind it are included.
        long wholeSeq = isSegmentEnd ? log.lastClaimAfter(segment).seq() : segment.seq() - 1;
        boolean isNewest = wholeSeq == end.seq();
        if (tx == end.lastTx() && !isNewest && !(target instanceof Target.AtTx)) {
            throw new FormatException.MissingObject(
                    ObjectNames.log(wholeSeq + 1), "the log goes on to segment " + end.seq());
        }
        Optional<SnapshotReader> found = points.snapshotUpTo(wholeSeq);
        if (found.isEmpty()) {
            throw points.none(
                    target + " lies before the first snapshot of the archive", segment.seq());
        }
        SnapshotReader snapshot = found.get();
        SnapshotFooter footer = snapshot.footer();
        long firstSeq = LogReplay.firstSeq(snapshot);
        long lastSeq = isSegmentEnd ? wholeSeq : segment.seq();
        OptionalLong micros = OptionalLong.empty();
        if (isSegmentEnd) {
            micros = OptionalLong.of(segment.lastMicros());
        } else if (segment.firstTx() == tx) {
            micros = OptionalLong.of(segment.firstMicros());
        }
        return new RestorePlan(
                tx,
                micros,
                isNewest,
                snapshot.header().pageSize(),
                snapshot.header().replayFrom(),
                footer.tx(),
                snapshot.objectBytes(),
                firstSeq,
                lastSeq,
                isSegmentEnd,
                logBytes(target, snapshot, firstSeq, lastSeq));
    }

    /// Walks over the headers of what will be applied; refuses a rebase among them.
    private long logBytes(Target target, SnapshotReader snapshot, long firstSeq, long lastSeq)
            throws IOException, FormatException {
        long bytes = 0;
        try (LogReader reader = archive.log(firstSeq)) {
            for (long seq = firstSeq; seq <= lastSeq; seq++) {
                SegmentHeader segment = SegmentAt.require(reader, seq);
                if (segment.kind() == SegmentHeader.Kind.REBASE
                        && seq > snapshot.footer().consistentAt()) {
                    reader.prove();
                    throw points.none(
                            target
                                    + " lies after the interruption of history at transaction "
                                    + segment.firstTx()
                                    + " ("
                                    + Micros.toInstant(segment.firstMicros())
                                    + "), before a snapshot was complete",
                            lastSeq);
                }
                reader.skip();
                if (seq == snapshot.footer().consistentAt()) {
                    checkTie(snapshot, segment, reader);
                }
                bytes += segment.storedLength();
            }
        }
        return bytes;
    }

    private static void checkTie(SnapshotReader snapshot, SegmentHeader segment, LogReader reader)
            throws IOException, FormatException {
        try {
            SnapshotPlace.check(snapshot, new LogSegment(segment, reader.digest()));
        } catch (FormatException e) {
            reader.prove();
            throw e;
        }
    }
}
