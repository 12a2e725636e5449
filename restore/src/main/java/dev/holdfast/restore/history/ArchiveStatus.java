package dev.holdfast.restore.history;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Micros;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.SnapshotFooter;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException.CorruptArchive;
import dev.holdfast.restore.ArchiveReading;
import dev.holdfast.restore.LogIndex;
import dev.holdfast.restore.RestorablePoints;
import dev.holdfast.restore.RestorePoint;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogObject;
import dev.holdfast.storage.archive.SnapshotReader;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// What the store says of an archive: names and headers only. So it can't know of commits without a
/// state checksum, which a writer without its page map makes until its next snapshot: they count as
/// durable and restorable here, and a restore refuses them.
///
/// @param last the newest stored transaction; empty if there is none; `durable` if its own segment
///   is missing
/// @param durable the newest that is stored with all that its restore takes: before `last` while a
///   history waits for its first snapshot, and where something is missing
/// @param lastSeq the last segment; 0 if there is none
/// @param lastWriter who wrote that
/// @param newestSnapshot of those that what is left of the log leads on from; empty if nothing can
///   be restored
/// @param oldestRestorable transaction of the oldest snapshot
/// @param newestRestorable before `last` if history was interrupted since the newest snapshot;
///   there may be gaps in between too, which only [History] shows
/// @param loss that something is missing without which the newest transaction can't be restored, or
///   isn't known
public record ArchiveStatus(
        ArchiveInfo info,
        Optional<Dated> last,
        Optional<Dated> durable,
        long lastSeq,
        Optional<WriterId> lastWriter,
        Optional<Snapshot> newestSnapshot,
        int snapshotCount,
        int logObjectCount,
        long logBytes,
        Optional<RestorePoint> oldestRestorable,
        Optional<RestorePoint> newestRestorable,
        Optional<CorruptArchive> loss) {

    /// A transaction and how long ago it was.
    public record Dated(RestorePoint point, Duration age) {
        static Dated of(long tx, long micros, InstantSource clock) {
            Duration age = Duration.between(Micros.toInstant(micros), clock.instant());
            return new Dated(new RestorePoint(tx, micros), age.isNegative() ? Duration.ZERO : age);
        }
    }

    /// A snapshot.
    ///
    /// @param seq of the segment after which it gives the database
    /// @param bytes of the object
    public record Snapshot(long seq, Dated at, long databasePages, long bytes) {
        static Snapshot of(SnapshotReader snapshot, InstantSource clock) {
            SnapshotFooter footer = snapshot.footer();
            return new Snapshot(
                    footer.consistentAt(),
                    Dated.of(footer.tx(), footer.micros(), clock),
                    footer.databasePages(),
                    snapshot.objectBytes());
        }
    }

    /// Asks the store.
    public static ArchiveStatus read(ObjectStore store, InstantSource clock) {
        InstantSource now = InstantSource.fixed(clock.instant()); // all ages are of one moment
        return ArchiveReading.in(store, archive -> of(archive, now));
    }

    private static ArchiveStatus of(Archive archive, InstantSource clock)
            throws IOException, FormatException {
        List<Long> snapshots = archive.snapshots();
        LogIndex log = LogIndex.of(archive);
        Optional<SegmentHeader> end = log.end();
        long endSeq = end.map(SegmentHeader::seq).orElse(0L);
        RestorablePoints points = new RestorablePoints(archive, snapshots, endSeq);
        RestorablePoints.Reach newest = points.newest();
        Optional<Dated> durable = newest.last().map(it -> Dated.of(it.tx(), it.micros(), clock));
        return new ArchiveStatus(
                archive.info(),
                last(log, clock).or(() -> durable),
                durable,
                endSeq,
                end.map(SegmentHeader::writer),
                newest.snapshot().map(snapshot -> Snapshot.of(snapshot, clock)),
                snapshots.size(),
                log.objects().size(),
                log.objects().stream().mapToLong(LogObject::bytes).sum(),
                points.from(1),
                newest.last(),
                newest.loss());
    }

    /// Empty if it is missing: then what is left tells which is the newest, and of the loss.
    private static Optional<Dated> last(LogIndex log, InstantSource clock)
            throws IOException, FormatException {
        try {
            return log.lastWithRecords().map(it -> Dated.of(it.lastTx(), it.lastMicros(), clock));
        } catch (FormatException.MissingObject _) {
            return Optional.empty();
        }
    }
}
