package dev.holdfast.replicator;

import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogReader;
import dev.holdfast.storage.archive.SnapshotReader;
import dev.holdfast.storage.state.LogPoint;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Optional;

/// How much has happened since the newest snapshot from which the log's end can be restored.
///
/// @param micros time of the snapshot
/// @param logBytes uncompressed, since then
record SnapshotAge(long micros, long logBytes, long segments) {
    /// Empty if there is none, or if history began anew after it, or if commits came after it that
    /// have no state checksum: whatever follows, one of these may be what is durable next. Reads
    /// headers only.
    static Optional<SnapshotAge> find(Archive archive, LogPoint end, Spool spool)
            throws IOException {
        try {
            List<Long> snapshots = archive.snapshots();
            if (snapshots.isEmpty() || end.seq() == 0) {
                return Optional.empty();
            }
            SnapshotReader newest = archive.snapshot(snapshots.getFirst());
            return since(
                    archive, newest.footer().consistentAt(), newest.header().beganMicros(), spool);
        } catch (FormatException _) {
            // A snapshot that can't be read is none: a new one is taken, and verify names the old
            // one
            return Optional.empty();
        }
    }

    private static Optional<SnapshotAge> since(Archive archive, long seq, long micros, Spool spool)
            throws IOException, FormatException {
        // What waits first: it may be shipped and given back while the store is read, but what is
        // given back before that is in the store
        Optional<Tally> waiting = waiting(spool, seq + 1);
        Tally all = stored(archive, seq + 1, waiting.map(Tally::from).orElse(Long.MAX_VALUE));
        if (waiting.isPresent()) {
            if (all.end() != waiting.get().from()) {
                return Optional.empty(); // what lies between them is not known
            }
            all = all.followedBy(waiting.get());
        }
        return all.isRestorable()
                ? Optional.of(new SnapshotAge(micros, all.rawBytes(), all.end() - all.from()))
                : Optional.empty();
    }

    /// Segments without a gap.
    ///
    /// @param from the first
    /// @param end behind the last
    /// @param isRestorable whether no history begins in them, and each commit has a state checksum
    private record Tally(long from, long end, long rawBytes, boolean isRestorable) {
        static Tally before(long seq) {
            return new Tally(seq, seq, 0, true);
        }

        Tally and(SegmentHeader next, boolean isKnown) {
            boolean isSameHistory = next.kind() != SegmentHeader.Kind.REBASE;
            return new Tally(
                    from,
                    end + 1,
                    rawBytes + next.rawLength(),
                    isRestorable && isSameHistory && isKnown);
        }

        Tally followedBy(Tally other) {
            return new Tally(
                    from, other.end, rawBytes + other.rawBytes, isRestorable && other.isRestorable);
        }
    }

    /// The spool from there on; empty if it has none of that.
    ///
    /// @throws ClosedChannelException if some of it was given back meanwhile
    private static Optional<Tally> waiting(Spool spool, long fromSeq) throws IOException {
        @Nullable Tally all = null;
        for (SpoolEntry entry : spool.from(fromSeq)) {
            Tally before = all == null ? Tally.before(entry.seq()) : all;
            if (entry.seq() != before.end()) {
                throw new ClosedChannelException();
            }
            boolean isKnown =
                    entry.header().kind() != SegmentHeader.Kind.COMMITS
                            || new SpoolScan(entry.file()).isMapKnown(entry);
            all = before.and(entry.header(), isKnown);
        }
        return Optional.ofNullable(all);
    }

    private static Tally stored(Archive archive, long fromSeq, long toSeq)
            throws IOException, FormatException {
        Tally all = Tally.before(fromSeq);
        if (fromSeq >= toSeq) {
            return all;
        }
        try (LogReader log = archive.log(fromSeq)) {
            for (Optional<SegmentHeader> next = log.next();
                    next.isPresent() && next.get().seq() < toSeq;
                    next = log.next()) {
                all = all.and(next.get(), true);
            }
        }
        return all;
    }
}
