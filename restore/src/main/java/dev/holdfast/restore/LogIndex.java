package dev.holdfast.restore;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogListing;
import dev.holdfast.storage.archive.LogObject;
import dev.holdfast.storage.archive.LogReader;
import dev.holdfast.storage.archive.SegmentReader;
import dev.holdfast.storage.archive.SegmentSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Finds segments by their headers: a listing, then a binary search of one header an object. Never
/// reads a body.
public final class LogIndex {
    private final Archive archive;
    private final List<LogObject> objects;

    private LogIndex(Archive archive, List<LogObject> objects) {
        this.archive = archive;
        this.objects = objects;
    }

    /// Lists the log as it is now.
    public static LogIndex of(Archive archive) throws IOException {
        return from(archive, 1);
    }

    /// Lists the end of the log as it is now, for who wants its last transaction and no older one:
    /// what a busy application has written in a year is millions of names.
    ///
    /// @param snapshots seqs of all snapshots, newest first
    static LogIndex ofEnd(Archive archive, List<Long> snapshots) throws IOException {
        if (snapshots.isEmpty()) {
            return of(archive);
        }
        LogIndex end = from(archive, snapshots.getFirst());
        return end.hasItsLastTransaction() ? end : of(archive);
    }

    private boolean hasItsLastTransaction() throws IOException {
        if (objects.isEmpty()) {
            return false;
        }
        try {
            long firstTx = first(objects.getFirst()).firstTx();
            return end().filter(last -> firstTx <= last.lastTx()).isPresent();
        } catch (FormatException _) {
            return false; // whoever has all of it is told
        }
    }

    private static LogIndex from(Archive archive, long seq) throws IOException {
        List<LogObject> objects = new ArrayList<>();
        LogListing listing = archive.logObjects(seq);
        for (Optional<LogObject> next = listing.next(); next.isPresent(); next = listing.next()) {
            objects.add(next.get());
        }
        return new LogIndex(archive, objects);
    }

    /// All log objects, in their order.
    public List<LogObject> objects() {
        return List.copyOf(objects);
    }

    /// The last segment for which `isAtOrBefore` holds, which is true up to some segment of the log
    /// and false after it; empty if it is true of none.
    public Optional<SegmentHeader> last(Predicate<SegmentHeader> isAtOrBefore)
            throws IOException, FormatException {
        return last(isAtOrBefore, _ -> false);
    }

    /// As [#last(Predicate)].
    ///
    /// @param isIt whether a segment tells by itself that nothing behind it is looked for: then it
    ///   does not matter if that is missing
    private Optional<SegmentHeader> last(
            Predicate<SegmentHeader> isAtOrBefore, Predicate<SegmentHeader> isIt)
            throws IOException, FormatException {
        int below = -1;
        int above = objects.size();
        while (above - below > 1) {
            int middle = (below + above) >>> 1;
            if (isAtOrBefore.test(first(objects.get(middle)))) {
                below = middle;
            } else {
                above = middle;
            }
        }
        if (below >= 0) {
            return Optional.of(lastIn(below, isAtOrBefore, isIt));
        }
        if (!objects.isEmpty()) {
            requireSeq(objects.getFirst(), 1);
        }
        return Optional.empty();
    }

    /// What is missing could be what is looked for.
    private static void requireSeq(LogObject object, long seq) throws FormatException {
        if (object.firstSeq() != seq) {
            throw new FormatException.MissingObject(
                    ObjectNames.log(seq), "the log goes on with " + object.name());
        }
    }

    private SegmentHeader first(LogObject object) throws IOException, FormatException {
        try (SegmentReader reader = new SegmentReader(archive.info())) {
            return first(object, reader);
        }
    }

    private SegmentHeader first(LogObject object, SegmentReader reader)
            throws IOException, FormatException {
        reader.open(SegmentSource.of(archive.store(), object), 0);
        Optional<SegmentHeader> header = reader.next();
        if (header.isEmpty()) {
            throw new FormatException.Truncated(
                    object.name(), 0, "the object", 0, SegmentHeader.BYTES);
        }
        if (header.get().seq() != object.firstSeq()) {
            throw new FormatException.BadField(
                    object.name(),
                    0,
                    "seq of the first segment",
                    String.valueOf(header.get().seq()),
                    "that of the name");
        }
        return header.get();
    }

    private SegmentHeader lastIn(
            int index, Predicate<SegmentHeader> isAtOrBefore, Predicate<SegmentHeader> isIt)
            throws IOException, FormatException {
        try (SegmentReader reader = new SegmentReader(archive.info())) {
            SegmentHeader last = first(objects.get(index), reader);
            Optional<SegmentHeader> next = reader.next();
            while (next.isPresent() && isAtOrBefore.test(next.get())) {
                last = next.get();
                next = reader.next();
            }
            if (next.isEmpty() && index + 1 < objects.size() && !isIt.test(last)) {
                requireSeq(objects.get(index + 1), last.seq() + 1);
            }
            return last;
        }
    }

    /// The last segment of the log.
    public Optional<SegmentHeader> end() throws IOException, FormatException {
        return last(_ -> true);
    }

    /// The seq of the last segment; 0 if there is none.
    public long endSeq() throws IOException, FormatException {
        return end().map(SegmentHeader::seq).orElse(0L);
    }

    /// The segment that holds transaction `tx`, which the log has.
    public SegmentHeader segmentOf(long tx) throws IOException, FormatException {
        Optional<SegmentHeader> found =
                last(segment -> segment.firstTx() <= tx, segment -> segment.lastTx() >= tx)
                        .filter(segment -> segment.lastTx() >= tx);
        return found.isPresent() ? found.get() : throwLie(tx);
    }

    /// The headers contradict each other, so one of them is not what was written. The walk from
    /// header to header finds out which.
    private SegmentHeader throwLie(long tx) throws IOException, FormatException {
        try (LogReader log = archive.log(1)) {
            for (Optional<SegmentHeader> next = log.next(); next.isPresent(); next = log.next()) {
                log.skip();
            }
            log.prove();
        }
        throw new IllegalArgumentException("no transaction " + tx);
    }

    /// The last segment that begins at or before a moment.
    public Optional<SegmentHeader> segmentAt(long micros) throws IOException, FormatException {
        return last(
                segment -> segment.firstMicros() <= micros,
                segment -> segment.lastMicros() >= micros);
    }

    /// The last of the claims that follow a segment, as far as none is missing; the segment itself
    /// if none follows.
    public SegmentHeader lastClaimAfter(SegmentHeader segment) throws IOException, FormatException {
        Predicate<SegmentHeader> addsNothing = after -> after.lastTx() <= segment.lastTx();
        SegmentHeader last = segment;
        for (int i = indexOf(segment); i < objects.size(); i++) {
            boolean isNext = objects.get(i).firstSeq() <= last.seq() + 1;
            if (!isNext || !addsNothing.test(first(objects.get(i)))) {
                break;
            }
            last = lastIn(i, addsNothing, _ -> true);
        }
        return last;
    }

    /// Of the object that a segment lies in.
    private int indexOf(SegmentHeader segment) {
        int index = 0;
        while (index + 1 < objects.size() && objects.get(index + 1).firstSeq() <= segment.seq()) {
            index++;
        }
        return index;
    }

    /// The last segment that has records.
    public Optional<SegmentHeader> lastWithRecords() throws IOException, FormatException {
        Optional<SegmentHeader> end = end();
        return end.isEmpty() || end.get().lastTx() == 0
                ? Optional.empty()
                : Optional.of(segmentOf(end.get().lastTx()));
    }
}
