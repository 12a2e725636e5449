package dev.holdfast.restore;

import dev.holdfast.format.PageSize;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.restore.RestoreProgress.Phase;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.SnapshotReader;
import dev.holdfast.storage.seal.Identity;
import dev.holdfast.storage.state.LogPoint;
import dev.holdfast.storage.state.SavedPages;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/// Restores one state of a database from an archive to a file that did not exist.
///
/// The file appears under its name once it is whole: each block and segment had its digest, the
/// chain held, the state checksum was that of the transaction, and all of it was forced to disk.
/// Whatever happens before leaves nothing but, after a kill, a temporary file.
///
/// Memory: 64 MiB of snapshot blocks, then 20 MiB of log, the decompressor's window, and 33 MiB of
/// pages; and 8 bytes a page of the database.
public final class Restorer {
    private final ObjectStore store;
    private final InstantSource clock;
    private final RestoreProgress progress;
    private final CountDownLatch stop;
    private final List<Identity> identities;

    /// @param store stays the caller's to close
    /// @param clock tells which targets lie in the future
    /// @param stop ends a restore once it is counted down
    public Restorer(
            ObjectStore store, InstantSource clock, RestoreProgress progress, CountDownLatch stop) {
        this(store, clock, progress, stop, List.of());
    }

    /// The same for a reader who may open what is encrypted.
    ///
    /// @param clock as above
    public Restorer(
            ObjectStore store,
            InstantSource clock,
            RestoreProgress progress,
            CountDownLatch stop,
            List<Identity> identities) {
        this.identities = List.copyOf(identities);
        this.store = store;
        this.clock = clock;
        this.progress = progress;
        this.stop = stop;
    }

    /// Does it, or says why not.
    ///
    /// @throws SidecarException `NoSuchPoint`, `CorruptArchive`, `LocalFiles`, or a storage case
    public RestoreOutcome restore(RestoreRequest request) {
        if (request.ifAbsent() && TargetFile.isFile(request.out())) {
            return new RestoreOutcome.AlreadyThere(request.out());
        }
        TargetFile.checkPlace(request.out());
        return ArchiveReading.in(store, identities, archive -> restore(archive, request));
    }

    private RestoreOutcome restore(Archive archive, RestoreRequest request)
            throws IOException, FormatException {
        RestorePlan plan = RestorePlanner.plan(archive, clock, request.target());
        if (request.isDryRun()) {
            return new RestoreOutcome.Planned(plan);
        }
        try (TargetFile file = TargetFile.create(request.out())) {
            return write(archive, plan, request, file);
        } catch (RestoreStopped _) {
            return new RestoreOutcome.Stopped();
        }
    }

    private RestoreOutcome write(
            Archive archive, RestorePlan plan, RestoreRequest request, TargetFile file)
            throws IOException, FormatException {
        RestoreMeter meter = new RestoreMeter(progress, stop, plan.totalBytes());
        SnapshotReader snapshot = archive.snapshot(plan.snapshotSeq());
        ReplayedState state = copy(snapshot, file, meter);
        RecordApplier applier;
        LogPoint end;
        try (LatestPages pages =
                new LatestPages(state.pageSize(), new InterruptibleFile(file, meter))) {
            applier = new RecordApplier(state, pages);
            end = replay(archive, snapshot, plan, applier, meter);
            pages.flush();
        }
        if (applier.tx() != plan.tx()) {
            throw new IllegalStateException(
                    "planned transaction %d, applied %d".formatted(plan.tx(), applier.tx()));
        }
        if (applier.stateChecksum().isEmpty()) {
            throw new SidecarException.NoSuchPoint(
                    "the state checksum of transaction " + plan.tx() + " is not in the archive",
                    "Restore another transaction; history shows which can be.");
        }
        long databaseBytes = state.pageCount() * state.pageSize().bytes();
        file.resize(databaseBytes);
        meter.advance(Phase.SYNC, 0);
        Optional<StateBeside> before = StateBeside.clear(request.out());
        file.publish();
        return new RestoreOutcome.Restored(
                plan,
                request.out(),
                applier.micros(),
                databaseBytes,
                state.checksum(),
                before.orElseGet(
                        () -> StateBeside.save(request.out(), plan, saved(archive, end, state))));
    }

    private static SavedPages saved(Archive archive, LogPoint end, ReplayedState state) {
        return new SavedPages(
                archive.info().id(), end, state.pageSize(), state.pages(), ByteBuffer.allocate(0));
    }

    private ReplayedState copy(SnapshotReader snapshot, TargetFile file, RestoreMeter meter)
            throws IOException, FormatException {
        PageSize pageSize = snapshot.header().pageSize();
        long blocks = 0;
        for (int block = 0; block < snapshot.blockCount(); block++) {
            blocks += snapshot.storedBytes(block);
        }
        meter.advance(Phase.SNAPSHOT, snapshot.objectBytes() - blocks);
        return SnapshotCopy.read(
                snapshot,
                (firstPage, images) -> writeBlock(file, pageSize, firstPage, images),
                storedBytes -> meter.advance(Phase.SNAPSHOT, storedBytes));
    }

    /// Leaves the lock page out: it stays a hole.
    private static void writeBlock(
            TargetFile file, PageSize pageSize, long firstPage, MemorySegment images) {
        long start = pageSize.offsetOf(firstPage);
        long hole = pageSize.offsetOf(pageSize.lockPage()) - start;
        ByteBuffer bytes = images.asByteBuffer();
        if (hole < 0 || hole >= images.byteSize()) {
            file.writeBlock(bytes, start);
            return;
        }
        int behind = (int) hole + pageSize.bytes();
        file.writeBlock(bytes.slice(0, (int) hole), start);
        file.writeBlock(bytes.slice(behind, bytes.limit() - behind), start + behind);
    }

    private LogPoint replay(
            Archive archive,
            SnapshotReader snapshot,
            RestorePlan plan,
            RecordApplier applier,
            RestoreMeter meter)
            throws IOException, FormatException {
        LogReplay.SegmentDone done = segment -> meter.advance(Phase.LOG, segment.storedLength());
        return new LogReplay(archive, snapshot, applier, done).run(plan.lastSeq(), plan.tx());
    }

    /// The file, for as long as nobody stops the restore.
    private record InterruptibleFile(TargetFile file, RestoreMeter meter)
            implements LatestPages.Target {
        @Override
        public void write(MemorySegment images, long offset) throws IOException {
            meter.checkStop();
            file.write(images.asByteBuffer(), offset);
        }

        @Override
        public void resize(long bytes) {
            file.resize(bytes);
        }
    }
}
