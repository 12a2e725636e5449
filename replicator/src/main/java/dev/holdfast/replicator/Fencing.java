package dev.holdfast.replicator;

import dev.holdfast.format.Micros;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.SidecarException;

/// What is said when another writer has the archive.
final class Fencing {
    private Fencing() {}

    static SidecarException fencedBy(SegmentHeader theirs, String location) {
        return new SidecarException.Fenced(
                "writer %s has the archive in %s: its segment %d, of %s, is where the next one of this writer would go"
                        .formatted(
                                theirs.writer(),
                                location,
                                theirs.seq(),
                                Micros.toInstant(theirs.lastMicros())),
                "Stop the other writer; then start this one again with --take-over if it is to go"
                        + " on.");
    }

    static SidecarException outpacedBy(SegmentHeader theirs, int tries, String location) {
        return new SidecarException.Fenced(
                "writer %s took the next name in %s before this one could, %,d times: it is at segment %d"
                        .formatted(theirs.writer(), location, tries, theirs.seq()),
                "Stop the other writer, then start this one again with --take-over.");
    }
}
