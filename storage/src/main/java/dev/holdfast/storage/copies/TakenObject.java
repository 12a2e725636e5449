package dev.holdfast.storage.copies;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Digest;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ReadOutcome;
import dev.holdfast.storage.archive.LogObject;
import dev.holdfast.storage.archive.SegmentReader;
import dev.holdfast.storage.archive.SegmentSource;
import dev.holdfast.storage.archive.SnapshotReader;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/// What a copy has under a name that was to be stored there. Somebody else has stored it, or the
/// server has made something of what it was sent that it does not vouch for: only digests tell.
final class TakenObject {
    private TakenObject() {}

    /// Holds every digest of a log object, and its place in the log, against what was to be stored.
    ///
    /// @param previous digest of the segment before the object
    /// @throws SidecarException.CorruptArchive if it is damaged, or of another log
    static void requireLog(ObjectStore copy, ArchiveInfo archive, long firstSeq, Digest previous)
            throws IOException {
        LogObject object = new LogObject(firstSeq, bytes(copy, ObjectNames.log(firstSeq)));
        try (SegmentReader reader = new SegmentReader(archive)) {
            reader.open(SegmentSource.of(copy, object), 0);
            Optional<SegmentHeader> first = reader.next();
            checkFirst(first, object);
            for (Optional<SegmentHeader> next = first; next.isPresent(); next = reader.next()) {
                reader.verify();
            }
            // Only now: damage is not called another log
            Digest found = first.orElseThrow().previous();
            if (!found.equals(previous)) {
                throw new FormatException.DigestMismatch(
                        object.name(),
                        0,
                        "the segment before",
                        found.toString(),
                        previous.toString());
            }
        } catch (FormatException e) {
            throw damaged(copy, e);
        }
    }

    private static void checkFirst(Optional<SegmentHeader> first, LogObject object)
            throws FormatException {
        if (first.isEmpty()) {
            throw new FormatException.Truncated(
                    object.name(), 0, "the object", 0, SegmentHeader.BYTES);
        }
        if (first.get().seq() != object.firstSeq()) {
            throw new FormatException.BadField(
                    object.name(),
                    0,
                    "seq",
                    String.valueOf(first.get().seq()),
                    String.valueOf(object.firstSeq()));
        }
    }

    /// Holds all of a snapshot against its digests.
    ///
    /// @param wanted what was to be stored under its name
    /// @throws SidecarException.CorruptArchive if it is damaged
    static void requireSnapshot(ObjectStore copy, SnapshotReader wanted, SnapshotReader.Step step)
            throws IOException {
        long _ = bytes(copy, wanted.object());
        try {
            SnapshotReader.open(copy, wanted.header().replayFrom(), wanted.header().archive())
                    .prove(step);
        } catch (FormatException e) {
            throw damaged(copy, e);
        }
    }

    /// Not what the other copy has: its remedy would be that one's.
    private static SidecarException damaged(ObjectStore copy, FormatException damage) {
        return new SidecarException.CorruptArchive(
                damage, "Run holdfast verify on " + copy.location() + ".");
    }

    private static long bytes(ObjectStore copy, String name) throws IOException {
        return switch (copy.read(name, 0, ByteBuffer.allocate(1))) {
            case ReadOutcome.Read(int _, long objectBytes) -> objectBytes;
            case ReadOutcome.NotFound _ ->
                    throw new SidecarException.StorageUnavailable(
                            name + " in " + copy.location() + " exists and can't be read",
                            "Try again later.");
        };
    }
}
