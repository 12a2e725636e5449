package dev.holdfast.restore.heal;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException.CorruptArchive;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogObject;
import dev.holdfast.storage.archive.SegmentReader;
import dev.holdfast.storage.archive.SegmentSource;

import java.io.IOException;
import java.util.Optional;

/// Whether a log without an `archive.json` is the log of another copy. Its segments name an archive
/// by its id, which says little; the first one names it by the digest of its `archive.json`, and
/// each further one by that of the one before.
final class SameLog {
    private SameLog() {}

    /// Refuses one whose first segment is not of the archive, or not whole.
    static void requireBeginning(Archive from, ObjectStore to) throws IOException {
        try (SegmentReader reader = new SegmentReader(from.info())) {
            Optional<LogObject> first = Archive.of(to, from.info()).logObjects(1).next();
            if (first.isEmpty() || first.get().firstSeq() != 1) {
                throw new FormatException.MissingObject(
                        ObjectNames.log(1), "it would tell whose log it is");
            }
            reader.open(SegmentSource.of(to, first.get()), 0);
            boolean isFirst = reader.next().filter(segment -> segment.seq() == 1).isPresent();
            if (!isFirst) {
                throw new FormatException.MissingObject(
                        ObjectNames.log(1), "its name is taken by something else");
            }
            reader.verify();
        } catch (FormatException e) {
            throw unproven(from, to, String.valueOf(e.getMessage()));
        }
    }

    /// Refuses one that is not the same as far as both go. Its own chain was proven before.
    static void require(Archive from, ObjectStore to) throws IOException {
        Archive copy = Archive.of(to, from.info());
        try {
            long seq = Math.min(endSeq(copy), endSeq(from));
            if (seq > 0 && !copy.segment(seq).equals(from.segment(seq))) {
                throw unproven(
                        from, to, "found another segment %d than that one has".formatted(seq));
            }
        } catch (FormatException e) {
            throw unproven(from, to, String.valueOf(e.getMessage()));
        }
    }

    private static long endSeq(Archive archive) throws IOException, FormatException {
        return archive.end(1).map(end -> end.last().seq()).orElse(0L);
    }

    private static CorruptArchive unproven(Archive from, ObjectStore to, String because) {
        return new CorruptArchive(
                "%s has a log and no archive.json, and it is not proven that this is the log of archive %s in %s: %s"
                        .formatted(
                                to.location(), from.info().id(), from.store().location(), because),
                "Heal it from a copy of its own archive. If this is one, and its log is damaged,"
                    + " copy archive.json by hand: it is the same in all copies, byte for byte.");
    }
}
