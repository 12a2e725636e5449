package dev.holdfast.replicator;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.Digest;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.storage.archive.LogEnd;
import dev.holdfast.storage.state.LogPoint;
import dev.holdfast.storage.state.SavedPages;

import java.io.IOException;
import java.util.Optional;

/// What this machine knows of the log that it has written, or was restored to.
///
/// @param saved of the same archive
record OwnLog(Spool spool, Optional<SavedPages> saved) {
    /// @param saved perhaps of another archive
    static OwnLog of(ArchiveId archive, Optional<SavedPages> saved, Spool spool) {
        return new OwnLog(spool, saved.filter(pages -> pages.archive().equals(archive)));
    }

    /// Where the log ends; empty if nothing is known of it.
    Optional<LogPoint> end() {
        return spool.last().map(SpoolEntry::point).or(() -> saved.map(SavedPages::point));
    }

    static LogPoint pointOf(LogEnd end) {
        SegmentHeader last = end.last();
        return new LogPoint(last.seq(), end.digest(), last.lastTx(), last.lastMicros());
    }

    /// Of a segment, if it is known.
    Optional<Digest> digest(long seq) {
        return spool.entry(seq)
                .map(SpoolEntry::digest)
                .or(() -> spool.entry(seq + 1).map(next -> next.header().previous()))
                .or(() ->
                        saved.map(SavedPages::point)
                                .filter(point -> point.seq() == seq)
                                .map(LogPoint::digest));
    }

    /// The database at that end: the page map, brought forward from where it was saved over what
    /// the spool holds after that.
    Optional<LogStart.Known> known() throws IOException {
        return spool.last().isEmpty()
                ? saved.map(LogStart.Known::of)
                : SpoolReplay.known(spool, saved);
    }

    /// The first segment that can be shipped from here; the one that comes next if none is left.
    long firstSeq() {
        return spool.first()
                .map(SpoolEntry::seq)
                .orElseGet(() -> saved.map(it -> it.point().seq() + 1).orElse(1L));
    }
}
