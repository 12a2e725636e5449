package dev.holdfast.restore.verify;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.restore.LogIndex;
import dev.holdfast.restore.RecordApplier;
import dev.holdfast.restore.RestorablePoints;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogObject;
import dev.holdfast.storage.archive.LogReadAhead;
import dev.holdfast.storage.archive.LogSegment;
import dev.holdfast.storage.archive.RecordVisitor;
import dev.holdfast.storage.archive.SegmentReader;
import dev.holdfast.storage.archive.SegmentSource;
import dev.holdfast.storage.archive.SnapshotReader;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;

/// One walk over the log, object by object, that goes on behind what is damaged. At a snapshot's
/// segment the snapshot is checked by itself, and its state joins the walk if none is known there.
final class ArchiveCheck implements AutoCloseable {
    private static final long UNKNOWN = 0;

    private final Archive archive;
    private final Findings findings;
    private final VerifyProgress progress;
    private final CountDownLatch stop;
    private final SnapshotCheck snapshotCheck;
    private final SegmentReader reader;

    /// Names of the snapshots whose copies begin behind where the walk is.
    private final TreeSet<Long> namesAhead = new TreeSet<>();

    /// Snapshots whose copies began, and end behind where the walk is.
    private final List<SnapshotReader> begun = new ArrayList<>();

    /// The seq that must come next; unknown behind a header that can't be read.
    private long expectedSeq = 1;

    /// The database at the end of the last segment; empty before the first snapshot of a history,
    /// and behind damage until the next one.
    private Optional<RecordApplier> state = Optional.empty();

    private long doneObjects;
    private long totalObjects;

    ArchiveCheck(Archive archive, Findings findings, VerifyProgress progress, CountDownLatch stop) {
        this.archive = archive;
        this.findings = findings;
        this.progress = progress;
        this.stop = stop;
        this.snapshotCheck = new SnapshotCheck(archive, findings, stop);
        this.reader = new SegmentReader(archive.info(), archive.keys());
    }

    void run() throws IOException {
        // Snapshots first: each of them is made of segments that were stored before it.
        List<Long> snapshots = archive.snapshots();
        namesAhead.addAll(snapshots);
        List<LogObject> objects = LogIndex.of(archive).objects();
        totalObjects = (long) objects.size() + namesAhead.size();
        try (LogReadAhead ahead = LogReadAhead.of(archive.store(), objects)) {
            for (Optional<LogObject> next = ahead.next(); next.isPresent(); next = ahead.next()) {
                LogObject object = next.get();
                checkPlace(object);
                if (checkSegments(object, ahead.source(object))) {
                    findings.goodLogObject();
                }
                done(object.name());
            }
        }
        checkEnd(snapshots);
        // What is left belongs to segments that are damaged, or are not there.
        loseTrack();
        checkSnapshots(Long.MAX_VALUE, Optional.empty());
    }

    private void done(String object) throws InterruptedIOException {
        if (stop.getCount() == 0) {
            throw new InterruptedIOException("stopped at " + object);
        }
        progress.report(object, ++doneObjects, totalObjects);
    }

    /// That the object begins where the one before ended.
    private void checkPlace(LogObject object) {
        if (expectedSeq == UNKNOWN || expectedSeq == object.firstSeq()) {
            return;
        }
        if (object.firstSeq() > expectedSeq) {
            String what = "is missing: the next log object is " + object.name();
            findings.violation(new Finding(ObjectNames.log(expectedSeq), 0, what));
        } else {
            String what = "begins within the log object before, which goes on to segment ";
            findings.violation(new Finding(object.name(), 0, what + (expectedSeq - 1)));
        }
        loseTrack();
    }

    /// That the log goes as far as the newest snapshot says that it went.
    private void checkEnd(List<Long> snapshots) throws IOException {
        if (expectedSeq == UNKNOWN) {
            return;
        }
        try {
            new RestorablePoints(archive, snapshots, expectedSeq - 1)
                    .missing()
                    .ifPresent(missing -> findings.violation(Finding.of(missing)));
        } catch (FormatException e) {
            findings.violation(Finding.of(e));
        }
    }

    /// What comes next can't be held against what came before.
    private void loseTrack() {
        reader.forget();
        state = Optional.empty();
    }

    /// @return whether all of the object is good
    private boolean checkSegments(LogObject object, SegmentSource source) throws IOException {
        long before = findings.count();
        long at = 0;
        expectedSeq = UNKNOWN;
        while (at < object.bytes() || at == 0) {
            Optional<SegmentHeader> next = header(source, object, at);
            if (next.isEmpty()) {
                loseTrack();
                expectedSeq = UNKNOWN;
                return false;
            }
            SegmentHeader segment = next.get();
            if (at == 0 && segment.seq() != object.firstSeq()) {
                String what =
                        "seq: found %d, wanted that of the name, %d"
                                .formatted(segment.seq(), object.firstSeq());
                findings.violation(new Finding(object.name(), 0, what));
                loseTrack();
                return false;
            }
            checkSegment(segment, object, at);
            expectedSeq = segment.seq() + 1;
            at += segment.storedLength();
        }
        return findings.count() == before;
    }

    /// The header at `at`; if it is not the follower of the one before, then by itself.
    private Optional<SegmentHeader> header(SegmentSource source, LogObject object, long at)
            throws IOException {
        try {
            reader.open(source, at);
            return require(object, at);
        } catch (FormatException e) {
            findings.violation(Finding.of(e));
        }
        loseTrack();
        try {
            reader.open(source, at);
            return require(object, at);
        } catch (FormatException _) {
            return Optional.empty();
        }
    }

    private Optional<SegmentHeader> require(LogObject object, long at)
            throws IOException, FormatException {
        Optional<SegmentHeader> next = reader.next();
        if (next.isEmpty()) {
            throw new FormatException.Truncated(
                    object.name(), at, "segment", object.bytes() - at, SegmentHeader.BYTES);
        }
        return next;
    }

    private void checkSegment(SegmentHeader segment, LogObject object, long at) throws IOException {
        if (segment.kind() == SegmentHeader.Kind.REBASE) {
            state = Optional.empty();
        }
        try {
            if (segment.isSealed() && archive.keys().isEmpty()) {
                reader.verify();
                findings.sealed();
                state = Optional.empty();
            } else if (reader.canDecode()) {
                reader.decode(state.<RecordVisitor>map(it -> it).orElse(RecordVisitor.NONE));
            } else {
                reader.verify();
                findings.note(
                        "segment %d in %s was not decompressed: one before it is damaged"
                                .formatted(segment.seq(), object.name()));
            }
        } catch (FormatException e) {
            findings.violation(Finding.of(e));
            loseTrack();
            return;
        }
        findings.goodSegment(segment.recordCount(), segment.storedLength());
        checkStates(object, at);
        checkSnapshots(segment);
    }

    private void checkStates(LogObject object, long at) {
        if (state.isEmpty()) {
            return;
        }
        try {
            state.get().checkStates(object.name(), at);
            findings.goodStates(state.get().takeComparedCount());
        } catch (FormatException e) {
            findings.violation(Finding.of(e));
            state = Optional.empty();
        }
    }

    private void checkSnapshots(SegmentHeader segment) throws IOException {
        checkSnapshots(segment.seq(), Optional.of(segment));
    }

    /// Those that end at segment `seq`, and those before it whose segments were damaged.
    ///
    /// @param at that segment, which was read last
    private void checkSnapshots(long seq, Optional<SegmentHeader> at) throws IOException {
        while (!namesAhead.isEmpty() && namesAhead.first() - 1 <= seq) {
            long name = namesAhead.removeFirst();
            Optional<SnapshotReader> snapshot = snapshotCheck.open(name);
            snapshot.ifPresent(begun::add);
            if (snapshot.isEmpty()) {
                done(ObjectNames.snapshot(name));
            }
        }
        for (SnapshotReader snapshot : List.copyOf(begun)) {
            if (snapshot.footer().consistentAt() <= seq) {
                begun.remove(snapshot);
                boolean isHere = snapshot.footer().consistentAt() == seq;
                checkSnapshot(snapshot, isHere ? at : Optional.empty());
                done(snapshot.object());
            }
        }
    }

    /// @param here the segment that the walk is at, if that is where the snapshot ends
    private void checkSnapshot(SnapshotReader snapshot, Optional<SegmentHeader> here)
            throws IOException {
        boolean isSealed =
                snapshot.header().isSealed() || here.map(SegmentHeader::isSealed).orElse(false);
        if (isSealed && archive.keys().isEmpty()) {
            snapshotCheck.checkStored(
                    snapshot, here.map(segment -> new LogSegment(segment, reader.digest())));
            return;
        }
        Optional<RecordApplier> promised = snapshotCheck.check(snapshot);
        if (here.isEmpty()) {
            return;
        }
        if (state.isEmpty()) {
            state = promised;
        } else if (promised.isPresent()
                && promised.get().state().checksum() != state.get().state().checksum()) {
            String what = "the database after it is not the one that the log leads to";
            findings.violation(new Finding(snapshot.object(), 0, what));
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
