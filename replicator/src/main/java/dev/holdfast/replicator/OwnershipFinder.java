package dev.holdfast.replicator;

import dev.holdfast.format.Digest;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogEnd;
import dev.holdfast.storage.state.LogPoint;

import java.io.IOException;
import java.util.Optional;

/// Finds out whose the log is, once all that matters is at hand. Changes nothing.
///
/// @param writer who we are, or would be
/// @param isOld whether the state folder has written this archive before
/// @param stored the log's end in the store; empty if there is no log
record OwnershipFinder(
        Archive archive,
        WriterId writer,
        boolean isOld,
        OwnLog own,
        boolean isTakeOver,
        Optional<LogEnd> stored) {

    /// @throws SidecarException if the log is another writer's
    Ownership find() throws IOException {
        Optional<LogPoint> local = own.end();
        if (stored.isEmpty()) {
            LogPoint beginning = LogPoint.beginning(archive.info());
            if (local.isEmpty() || own.firstSeq() == 1) {
                return ours(local.orElse(beginning), beginning);
            }
            return lacking(local.get().seq(), "no segment");
        }
        LogEnd end = stored.get();
        LogPoint storedPoint = OwnLog.pointOf(end);
        Optional<Digest> ours = own.digest(storedPoint.seq());
        boolean isOnOurLog = ours.filter(storedPoint.digest()::equals).isPresent();
        if (!isOnOurLog && isOurClaim(end.last()) && !hasGoneOn(storedPoint)) {
            return new Ownership.Claimed(end, knownBefore(end.last()), reason(local));
        }
        if (local.isEmpty() || storedPoint.seq() > local.get().seq()) {
            return theirs(end, reason(local));
        }
        if (ours.isEmpty()) {
            return lacking(
                    firstKnown(storedPoint.seq()), "its end at segment " + storedPoint.seq());
        }
        return isOnOurLog
                ? continued(end, local.get(), storedPoint)
                : theirs(end, RebaseReason.CONTINUITY_LOST);
    }

    /// A claim is stored before it is spooled. Its writer id was drawn for it, so that no other
    /// state folder has it.
    private boolean isOurClaim(SegmentHeader last) {
        return last.kind() == SegmentHeader.Kind.CLAIM && last.writer().equals(writer);
    }

    /// Whether more was written here behind it, that another store has.
    private boolean hasGoneOn(LogPoint claim) {
        return own.firstSeq() > claim.seq() + 1;
    }

    /// A claim changes nothing in the database.
    private Optional<LogStart.Known> knownBefore(SegmentHeader claim) {
        return own.saved()
                .filter(pages -> pages.point().digest().equals(claim.previous()))
                .map(LogStart.Known::of);
    }

    private long firstKnown(long orElse) {
        return own.spool()
                .first()
                .map(first -> first.seq() - 1)
                .or(() -> own.saved().map(pages -> pages.point().seq()))
                .orElse(orElse);
    }

    private RebaseReason reason(Optional<LogPoint> local) {
        return isOld || local.isEmpty()
                ? RebaseReason.CONTINUITY_LOST
                : RebaseReason.DATABASE_BEHIND;
    }

    private Ownership continued(LogEnd end, LogPoint local, LogPoint storedPoint)
            throws IOException {
        if (!isOld && own.spool().last().isPresent()) {
            return theirs(end, RebaseReason.CONTINUITY_LOST);
        }
        if (own.spool().last().isEmpty() && !end.last().writer().equals(writer)) {
            // A restore left this state, and nothing was written since: going on is a linear
            // append, but by a new writer
            return new Ownership.Claimable(end, own.known(), RebaseReason.CONTINUITY_LOST);
        }
        return ours(local, storedPoint);
    }

    private Ownership ours(LogPoint local, LogPoint durable) throws IOException {
        RebaseReason reason = local.seq() == 0 ? RebaseReason.FIRST : RebaseReason.CONTINUITY_LOST;
        return new Ownership.Ours(local, durable, own.known(), reason);
    }

    private Ownership theirs(LogEnd end, RebaseReason reason) {
        if (!isTakeOver) {
            throw refusal(end.last(), archive.store().location());
        }
        return new Ownership.Claimable(end, Optional.empty(), reason);
    }

    private SidecarException refusal(SegmentHeader last, String location) {
        return isOld
                ? Fencing.fencedBy(last, writer, location)
                : Fencing.strangerTo(last, location);
    }

    private Ownership lacking(long known, String found) {
        return new Ownership.Lacking(
                new SidecarException.CorruptArchive(
                        "%s has lost objects of archive %s: found %s, wanted the log up to segment %d"
                                .formatted(
                                        archive.store().location(),
                                        archive.info().id(),
                                        found,
                                        known),
                        "Run holdfast verify; put the objects back, or begin a new archive in"
                                + " another folder."));
    }
}
