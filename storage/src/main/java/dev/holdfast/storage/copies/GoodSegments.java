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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Gathers the segments of a stretch of the log whose digests are right, and finds among them those
/// that follow one another: what a copy has may be whole, and still be of another writer's log.
final class GoodSegments {
    private final long firstSeq;
    private final long lastSeq;

    /// By their numbers; those of one number differ, the first copy's before the others'.
    private final Map<Long, List<Good>> found = new HashMap<>();

    private record Good(Digest previous, Digest digest, Substitute.Piece piece) {}

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
        if (segment.seq() < firstSeq) {
            return;
        }
        try {
            reader.verify();
        } catch (FormatException _) {
            return; // another copy may have it
        }
        Digest digest = reader.digest();
        List<Good> same = found.computeIfAbsent(segment.seq(), _ -> new ArrayList<>());
        if (same.stream().noneMatch(good -> good.digest().equals(digest))) {
            same.add(new Good(segment.previous(), digest, piece));
        }
    }

    /// Whether there is anything to begin with.
    boolean hasFirst() {
        return found.containsKey(firstSeq);
    }

    /// From the first one on, as far as one follows the other; neighbours in an object are one
    /// piece.
    List<Substitute.Piece> contiguous() {
        return contiguous(_ -> true);
    }

    /// As [#contiguous], behind a segment with this digest.
    List<Substitute.Piece> contiguousAfter(Digest previous) {
        return contiguous(good -> good.previous().equals(previous));
    }

    private List<Substitute.Piece> contiguous(Predicate<Good> isBeginning) {
        List<List<Good>> ways = new ArrayList<>();
        List<Good> now =
                found.getOrDefault(firstSeq, List.of()).stream().filter(isBeginning).toList();
        while (!now.isEmpty()) {
            ways.add(now);
            Set<Digest> ends = now.stream().map(Good::digest).collect(Collectors.toSet());
            now =
                    found.getOrDefault(firstSeq + ways.size(), List.of()).stream()
                            .filter(good -> ends.contains(good.previous()))
                            .toList();
        }
        return pieces(longest(ways));
    }

    /// Back from the end, which only one way leads to.
    private static List<Good> longest(List<List<Good>> ways) {
        Deque<Good> way = new ArrayDeque<>();
        for (List<Good> each : ways.reversed()) {
            Optional<Good> follower = Optional.ofNullable(way.peekFirst());
            each.stream()
                    .filter(good ->
                            follower.isEmpty() || follower.get().previous().equals(good.digest()))
                    .findFirst()
                    .ifPresent(way::addFirst);
        }
        return List.copyOf(way);
    }

    private static List<Substitute.Piece> pieces(List<Good> way) {
        List<Substitute.Piece> pieces = new ArrayList<>();
        for (Good good : way) {
            boolean isNeighbour = !pieces.isEmpty() && pieces.getLast().isBefore(good.piece());
            pieces.add(isNeighbour ? pieces.removeLast().and(good.piece()) : good.piece());
        }
        return pieces;
    }
}
