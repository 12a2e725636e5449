package dev.holdfast.replicator;

import dev.holdfast.format.Micros;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.SidecarException;

/// What is said when another writer has the archive.
final class Fencing {
    private Fencing() {}

    /// @param ours who does not know that segment
    static SidecarException fencedBy(SegmentHeader theirs, WriterId ours, String location) {
        return theirs.writer().equals(ours)
                ? olderThan(theirs, location)
                : otherThan(theirs, location);
    }

    private static SidecarException otherThan(SegmentHeader theirs, String location) {
        return new SidecarException.Fenced(
                has(theirs, location),
                "Stop the other writer; then start this one again with --take-over if it is to go"
                        + " on.");
    }

    /// Of a state folder that has never written there.
    static SidecarException strangerTo(SegmentHeader theirs, String location) {
        return new SidecarException.Fenced(
                has(theirs, location),
                "If it is the archive of another database, name another place. Else stop the other"
                        + " writer; then start this one again with --take-over if it is to go on.");
    }

    /// Of one that does not know what it has written itself.
    private static SidecarException olderThan(SegmentHeader own, String location) {
        return new SidecarException.Fenced(
                "the state folder is older than the archive in %s: it does not know segment %d there, of %s, which this writer, %s, has written"
                        .formatted(
                                location,
                                own.seq(),
                                Micros.toInstant(own.lastMicros()),
                                own.writer()),
                "If the state folder was put back from a backup, start again with --take-over. If"
                        + " it is a copy of one that is in use elsewhere, stop that replicate"
                        + " first.");
    }

    private static String has(SegmentHeader theirs, String location) {
        return "writer %s has the archive in %s: its segment %d, of %s, is where the next one of this writer would go"
                .formatted(
                        theirs.writer(),
                        location,
                        theirs.seq(),
                        Micros.toInstant(theirs.lastMicros()));
    }

    static SidecarException outpacedBy(SegmentHeader theirs, int tries, String location) {
        return new SidecarException.Fenced(
                "writer %s took the next name in %s before this one could, %,d times: it is at segment %d"
                        .formatted(theirs.writer(), location, tries, theirs.seq()),
                "Stop the other writer, then start this one again with --take-over.");
    }
}
