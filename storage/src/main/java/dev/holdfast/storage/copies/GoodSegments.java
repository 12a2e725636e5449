package dev.holdfast.storage.copies;

import dev.holdfast.format.Digest;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogListing;
import dev.holdfast.storage.archive.LogObject;
import dev.holdfast.storage.archive.SegmentReader;
import dev.holdfast.storage.archive.SegmentSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Gathers the segments of a stretch of the log whose digests are right, each from the first copy
/// that has it so.
final class GoodSegments {
    private final long firstSeq;
    private final long lastSeq;
    private final TreeMap<Long, Substitute.Piece> pieces = new TreeMap<>();
    private Optional<Digest> previous = Optional.empty();

    GoodSegments(long firstSeq, long lastSeq) {
        this.firstSeq = firstSeq;
        this.lastSeq = lastSeq;
    }

    /// Adds what this copy has and none before it had.
    void add(Archive copy) throws IOException {
        LogListing listing = copy.logObjects(firstSeq);
        try (SegmentReader reader = new SegmentReader(copy.info())) {
            for (Optional<LogObject> next = listing.next();
                    next.isPresent() && next.get().firstSeq() <= lastSeq;
                    next = listing.next()) {
                add(copy, next.get(), reader);
            }
        }
    }

    private void add(Archive copy, LogObject object, SegmentReader reader) throws IOException {
        SegmentSource source = SegmentSource.of(copy.store(), object);
        long at = 0;
        while (at < object.bytes()) {
            reader.forget();
            reader.open(source, at);
            try {
                Optional<SegmentHeader> header = reader.next();
                if (header.isEmpty() || header.get().seq() > lastSeq) {
                    return;
                }
                long bytes = header.get().storedLength();
                add(
                        header.get(),
                        new Substitute.Piece(copy.store(), object.name(), at, bytes),
                        reader);
                at += bytes;
            } catch (FormatException _) {
                return; // where the next one begins nobody knows
            }
        }
    }

    private void add(SegmentHeader segment, Substitute.Piece piece, SegmentReader reader)
            throws IOException {
        long seq = segment.seq();
        if (seq < firstSeq || pieces.containsKey(seq)) {
            return;
        }
        try {
            reader.verify();
            pieces.put(seq, piece);
            if (seq == firstSeq) {
                previous = Optional.of(segment.previous());
            }
        } catch (FormatException _) {
            // another copy may have it
        }
    }

    /// From the first one on, as far as none is missing; neighbours in an object are one piece.
    List<Substitute.Piece> contiguous() {
        List<Substitute.Piece> all = new ArrayList<>();
        for (long seq = firstSeq; pieces.containsKey(seq); seq++) {
            Substitute.Piece piece = pieces.get(seq);
            boolean isNeighbour = !all.isEmpty() && all.getLast().isBefore(piece);
            all.add(isNeighbour ? all.removeLast().and(piece) : piece);
        }
        return all;
    }

    /// The digest that the first one names; empty if it is missing.
    Optional<Digest> previous() {
        return previous;
    }
}
