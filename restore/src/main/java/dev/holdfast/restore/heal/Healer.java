package dev.holdfast.restore.heal;

import dev.holdfast.format.Digest;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.restore.LogIndex;
import dev.holdfast.restore.verify.Finding;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogObject;
import dev.holdfast.storage.archive.LogReader;
import dev.holdfast.storage.archive.LogSegment;
import dev.holdfast.storage.archive.SegmentReader;
import dev.holdfast.storage.archive.SegmentSource;
import dev.holdfast.storage.archive.SnapshotPlace;
import dev.holdfast.storage.archive.SnapshotReader;
import dev.holdfast.storage.copies.Copied;
import dev.holdfast.storage.copies.Filling;
import dev.holdfast.storage.copies.LogCopier;
import dev.holdfast.storage.seal.FurtherWraps;
import dev.holdfast.storage.seal.WrappedKey;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/// Checks every object of one copy of an archive, and creates what is missing there from another
/// copy: first what is missing in the midst of the log, then what the other has beyond its end, and
/// the snapshots. What is damaged stays, as no object is ever replaced: it is told.
public final class Healer {
    private final Archive from;
    private final Archive to;
    private final HealProgress progress;
    private final CountDownLatch stop;
    private final List<Finding> left = new ArrayList<>();
    private final List<Finding> unavailable = new ArrayList<>();

    /// Snapshots of the copy.
    private final List<SnapshotReader> whole = new ArrayList<>();

    private long checked;
    private long objects;
    private long bytes;

    /// The segment that must come next, with the digest of the one before; empty behind damage.
    private Optional<Place> next;

    private record Place(long seq, Digest previous) {}

    /// Between two copies that were opened.
    ///
    /// @param to another copy of the same archive; one whose store discards what is stored makes a
    ///   dry run
    /// @param stop ends it once it is counted down; what was created stays
    public Healer(Archive from, Archive to, HealProgress progress, CountDownLatch stop) {
        this.from = from;
        this.to = to;
        this.progress = progress;
        this.stop = stop;
        this.next = Optional.of(new Place(1, to.info().digest()));
    }

    /// Does it.
    ///
    /// @throws SidecarException.CorruptArchive if the two hold different logs, or what was to be
    ///   created is there meanwhile, and damaged
    public HealReport heal() throws IOException {
        for (LogObject object : LogIndex.of(to).objects()) {
            if (next.isPresent() && object.firstSeq() > next.get().seq()) {
                fillBefore(object, next.get());
            }
            requireBehind(object);
            check(object);
            checked(object.name());
        }
        for (long name : to.snapshots().reversed()) {
            check(name);
            checked(ObjectNames.snapshot(name));
        }
        checkKeys();
        fillEnd();
        checkPlaces();
        return new HealReport(objects, bytes, left, unavailable);
    }

    private void checked(String object) throws InterruptedIOException {
        progress.report(object, ++checked, objects);
        checkStop();
    }

    private void checkStop() throws InterruptedIOException {
        if (stop.getCount() == 0) {
            throw new InterruptedIOException("stopped");
        }
    }

    private void stored(Copied.Stored object) {
        objects++;
        bytes += object.bytes();
        progress.report(object.name(), checked, objects);
    }

    private void check(LogObject object) throws IOException {
        Optional<Place> expected = next.filter(place -> place.seq() == object.firstSeq());
        next = Optional.empty();
        try (SegmentReader reader = new SegmentReader(to.info())) {
            reader.open(SegmentSource.of(to.store(), object), 0);
            long seq = object.firstSeq();
            for (Optional<SegmentHeader> segment = reader.next();
                    segment.isPresent();
                    segment = reader.next()) {
                requireSeq(segment.get(), seq, object, reader.offset());
                if (seq == object.firstSeq() && expected.isPresent()) {
                    requirePrevious(segment.get(), expected.get(), object);
                }
                reader.verify();
                next = Optional.of(new Place(++seq, reader.digest()));
                checkStop();
            }
            if (next.isEmpty()) {
                throw new FormatException.Truncated(
                        object.name(), 0, "the object", 0, SegmentHeader.BYTES);
            }
        } catch (FormatException e) {
            next = Optional.empty();
            left.add(Finding.of(e));
        }
    }

    /// Where objects end differs from copy to copy: one that was put there from another copy can
    /// reach into the next.
    private void requireBehind(LogObject object) {
        if (next.isPresent() && object.firstSeq() < next.get().seq()) {
            long last = next.get().seq() - 1;
            String what = "begins within the log object before, which goes on to segment " + last;
            left.add(new Finding(object.name(), 0, what));
        }
    }

    private static void requireSeq(SegmentHeader segment, long seq, LogObject object, long offset)
            throws FormatException {
        if (segment.seq() != seq) {
            throw new FormatException.BadField(
                    object.name(),
                    offset,
                    "seq",
                    String.valueOf(segment.seq()),
                    String.valueOf(seq));
        }
    }

    private static void requirePrevious(SegmentHeader segment, Place expected, LogObject object)
            throws FormatException {
        if (!segment.previous().equals(expected.previous())) {
            throw new FormatException.DigestMismatch(
                    object.name(),
                    0,
                    "the segment before",
                    segment.previous().toString(),
                    expected.previous().toString());
        }
    }

    private void check(long snapshot) throws IOException {
        try {
            SnapshotReader reader = to.snapshot(snapshot);
            reader.prove(this::checkStop);
            whole.add(reader);
        } catch (FormatException e) {
            left.add(Finding.of(e));
        }
    }

    private void checkKeys() throws IOException {
        for (String name : FurtherWraps.names(to.store(), ObjectNames.KEYS)) {
            try {
                Optional<WrappedKey> _ = FurtherWraps.read(to.store(), name);
            } catch (FormatException e) {
                left.add(Finding.of(e));
            }
            checked(name);
        }
    }

    /// Creates what is missing between two objects, if the other copy's fits to both.
    private void fillBefore(LogObject behind, Place gap) throws IOException {
        long last = behind.firstSeq() - 1;
        try {
            requireFits(behind, last);
            try (LogCopier copier =
                    new LogCopier(from, to.store(), gap.seq(), last, gap.previous())) {
                Copied copied = copier.copy();
                while (copied instanceof Copied.Stored object) {
                    stored(object);
                    checkStop();
                    copied = copier.copy();
                }
                next =
                        copied instanceof Copied.Nothing
                                ? Optional.of(new Place(last + 1, copier.lastDigest()))
                                : Optional.empty(); // somebody else is at it
            }
        } catch (FormatException e) {
            next = Optional.empty();
            unavailable.add(Finding.of(e));
        }
    }

    private void requireFits(LogObject behind, long last) throws IOException, FormatException {
        Digest wanted = previous(behind);
        try (LogReader reader = from.log(last)) {
            if (reader.next().isEmpty()) {
                throw new FormatException.MissingObject(
                        ObjectNames.log(last),
                        "the log of " + from.store().location() + " ends before it");
            }
            reader.verify();
            if (!reader.digest().equals(wanted)) {
                throw new SidecarException.CorruptArchive(
                        "%s and %s hold different logs: found digest %s of segment %d in the second, wanted %s, which %s of the first names"
                                .formatted(
                                        to.store().location(),
                                        from.store().location(),
                                        reader.digest(),
                                        last,
                                        wanted,
                                        behind.name()),
                        "Run verify on both: one is damaged, or another writer has been there.");
            }
        }
    }

    /// The digest that an object's first segment names.
    private Digest previous(LogObject object) throws IOException, FormatException {
        try (SegmentReader reader = new SegmentReader(to.info())) {
            reader.open(SegmentSource.of(to.store(), object), 0);
            return reader.next()
                    .orElseThrow(() ->
                            new FormatException.Truncated(
                                    object.name(), 0, "the object", 0, SegmentHeader.BYTES))
                    .previous();
        }
    }

    /// Nothing is stored behind an end that is damaged: nobody could tell whether it follows.
    private void fillEnd() throws IOException {
        if (next.isEmpty()) {
            return;
        }
        try {
            long _ = new Filling(from, to, new EndWatch()).run(Math.max(1, next.get().seq() - 1));
        } catch (FormatException e) {
            unavailable.add(Finding.of(e));
        }
    }

    /// That the snapshots which were there are of this log. A dry run does not have what would be
    /// created: the other copy has it.
    private void checkPlaces() throws IOException {
        for (SnapshotReader snapshot : whole) {
            try {
                long seq = snapshot.footer().consistentAt();
                Optional<LogSegment> here = segment(to, seq);
                SnapshotPlace.check(snapshot, here.isPresent() ? here : segment(from, seq));
            } catch (FormatException.MissingObject e) {
                if (left.isEmpty() && unavailable.isEmpty()) {
                    unavailable.add(Finding.of(e));
                }
            } catch (FormatException e) {
                left.add(Finding.of(e));
            }
        }
    }

    /// Empty also where the log is damaged, which was told.
    private static Optional<LogSegment> segment(Archive archive, long seq) throws IOException {
        try {
            return archive.segment(seq);
        } catch (FormatException _) {
            return Optional.empty();
        }
    }

    private final class EndWatch implements Filling.Watch {
        @Override
        public void checkStop() throws IOException {
            Healer.this.checkStop();
        }

        @Override
        public void stored(Copied.Stored object, long lastSeq) {
            Healer.this.stored(object);
        }

        @Override
        public void damaged(FormatException object) {
            unavailable.add(Finding.of(object));
        }
    }
}
