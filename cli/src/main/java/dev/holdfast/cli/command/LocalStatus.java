package dev.holdfast.cli.command;

import static java.util.stream.Collectors.toMap;

import dev.holdfast.format.Digest;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.replicator.SpoolStatus;
import dev.holdfast.replicator.SpoolStatus.Segment;
import dev.holdfast.replicator.SpoolStatus.Waiting;
import dev.holdfast.restore.history.ArchiveStatus;
import dev.holdfast.restore.history.SharedLog;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.state.WriterIdentity;

import java.nio.file.Path;
import java.util.Optional;
import java.util.TreeMap;

/// What this machine knows of a database that it follows.
///
/// @param last of the spool; empty if nothing stands there
/// @param waiting what the store does not have; at most that if it could not be asked
/// @param isLastWriter whether the store takes more of this writer; empty if it could not be asked
record LocalStatus(
        WriterIdentity identity,
        Optional<SegmentHeader> last,
        Waiting waiting,
        Optional<Boolean> isLastWriter) {

    /// Where the store could not be asked how far the log is.
    static LocalStatus alone(WriterIdentity identity, Path folder) {
        SpoolStatus spool = SpoolStatus.read(folder, 0);
        return new LocalStatus(identity, spool.last(), spool.after(0), Optional.empty());
    }

    /// @param archive asked for before this: what it has is in the spool, or was
    static LocalStatus beside(
            ArchiveStatus archive, ObjectStore store, WriterIdentity identity, Path folder) {
        boolean isLastWriter = archive.lastWriter().map(identity.writer()::equals).orElse(true);
        SpoolStatus spool = SpoolStatus.read(folder, isLastWriter ? archive.lastSeq() + 1 : 0);
        long endSeq = isLastWriter ? archive.lastSeq() : sharedEnd(store, spool);
        return new LocalStatus(
                identity, spool.last(), spool.after(endSeq), Optional.of(isLastWriter));
    }

    private static long sharedEnd(ObjectStore store, SpoolStatus spool) {
        TreeMap<Long, Digest> own =
                spool.segments().stream()
                        .collect(
                                toMap(
                                        it -> it.header().seq(),
                                        Segment::digest,
                                        (first, _) -> first,
                                        TreeMap::new));
        return own.isEmpty() ? 0 : SharedLog.end(store, own);
    }

    boolean isFenced() {
        return !isLastWriter.orElse(true);
    }
}
