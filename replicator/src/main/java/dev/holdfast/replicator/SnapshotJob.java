package dev.holdfast.replicator;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.SnapshotFooter;
import dev.holdfast.format.SnapshotHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.archive.SnapshotPoint;
import dev.holdfast.storage.archive.SnapshotReader;
import dev.holdfast.storage.archive.SnapshotWriter;
import dev.holdfast.storage.seal.DataKey;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// Copies a database into a snapshot, in a thread of its own, while the database moves.
///
/// 1. The blocks are read, hashed, compressed and uploaded; then [#isCopied], and the bell rings.
/// 2. The capture thread reads the log on to where the copy ended, and [names][#finishAt] that
///    point.
/// 3. Once the log is durable up to there the snapshot is committed, and the bell rings again.
final class SnapshotJob {
    /// A compromise between a reader's parallelism and its memory; see `docs/format.md`, section 3.
    private static final int BLOCK_BYTES = 2 << 20;

    private static final int BLOCKS_IN_WORK = 3;

    /// Where the pages come from.
    interface Pages {
        /// Fills `into` with the bytes of the database from `offset` on.
        void read(long offset, MemorySegment into) throws IOException;
    }

    /// How it ended.
    sealed interface Result {
        record Stored(SnapshotPoint point, long storedBytes) implements Result {}

        record Stopped() implements Result {}

        /// It was given up.
        ///
        /// @param cause as of [FollowerEvent.Troubled]
        record Failed(String why, String cause) implements Result {
            static Failed of(Throwable e) {
                String why = e instanceof Exception x ? IoReason.of(x) : e.toString();
                return new Failed(
                        why, e instanceof SidecarException x ? FollowerEvent.causeOf(x) : why);
            }
        }
    }

    private final ObjectStore store;
    private final ByteBudget bytes;
    private final ByteBudget.Share share;
    private final SnapshotHeader header;
    private final Optional<DataKey> dataKey;
    private final long databasePages;
    private final Pages pages;
    private final ShippedMark durable;
    private final Bell capture;
    private final Bell own = new Bell();
    private final PageMap hashes;
    private final ReentrantLock reading = new ReentrantLock();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean isCopied;
    private volatile boolean isStopped;
    private volatile boolean isHurried;
    private volatile @Nullable ObjectUpload upload;
    private volatile @Nullable SnapshotPoint point;
    private volatile @Nullable Result result;

    /// @param bytes what may be sent there
    /// @param share of it, at least
    /// @param dataKey what it is encrypted with, if it is
    /// @param databasePages how many pages to copy
    /// @param capture rung when the copy is there, and at the end
    SnapshotJob(
            ObjectStore store,
            ByteBudget bytes,
            ByteBudget.Share share,
            SnapshotHeader header,
            Optional<DataKey> dataKey,
            long databasePages,
            Pages pages,
            ShippedMark durable,
            Bell capture) {
        this.store = store;
        this.bytes = bytes;
        this.share = share;
        this.header = header;
        this.dataKey = dataKey;
        this.databasePages = databasePages;
        this.pages = pages;
        this.durable = durable;
        this.capture = capture;
        this.hashes = new PageMap(header.pageSize());
    }

    static int pagesPerBlock(PageSize pageSize) {
        return BLOCK_BYTES / pageSize.bytes();
    }

    SnapshotHeader header() {
        return header;
    }

    void start() {
        Thread.ofPlatform().name("holdfast-snapshot").start(this::run);
    }

    private void run() {
        try {
            result = copyAndCommit();
        } catch (Throwable e) { // the top of a thread: whoever waits for the end must learn it
            result = isStopped ? new Result.Stopped() : Result.Failed.of(e);
        } finally {
            ended.countDown();
            capture.ring();
        }
    }

    private Result copyAndCommit() throws Exception {
        try (ExecutorService compressor =
                        Executors.newSingleThreadExecutor(
                                Thread.ofPlatform().name("holdfast-compress").factory());
                ObjectUpload into = paced().upload(ObjectNames.snapshot(header.replayFrom()));
                SnapshotWriter writer =
                        new SnapshotWriter(into, header, compressor, BLOCKS_IN_WORK, dataKey)) {
            upload = into;
            PageSize pageSize = header.pageSize();
            for (long first = 1; first <= databasePages; first += header.pagesPerBlock()) {
                int count = (int) Math.min(header.pagesPerBlock(), databasePages - first + 1);
                MemorySegment block = writer.block().asSlice(0, (long) count * pageSize.bytes());
                if (!isRead(pageSize.offsetOf(first), block)) {
                    return new Result.Stopped();
                }
                DatabaseScan.hash(block, first, count, pageSize, hashes);
                writer.add(count);
            }
            hashes.resize(databasePages);
            isCopied = true;
            capture.ring();
            SnapshotPoint end = awaitDurablePoint();
            return end == null ? new Result.Stopped() : commit(writer, end);
        }
    }

    /// Whether that may still be read.
    private boolean isRead(long offset, MemorySegment block) throws IOException {
        reading.lock();
        try {
            if (isStopped) {
                return false;
            }
            pages.read(offset, block);
            return true;
        } finally {
            reading.unlock();
        }
    }

    private ObjectStore paced() {
        return bytes.isLimited()
                ? new PacedStore(store, bytes, share, own, () -> isStopped || isHurried)
                : store;
    }

    private @Nullable SnapshotPoint awaitDurablePoint() {
        while (!isStopped) {
            SnapshotPoint end = point;
            if (end != null && durable.seq() >= end.consistentAt()) {
                return end;
            }
            own.await(Duration.ofSeconds(1));
        }
        return null;
    }

    private Result commit(SnapshotWriter writer, SnapshotPoint end)
            throws IOException, FormatException {
        return switch (writer.commit(end)) {
            case CreateOutcome.Created _ -> new Result.Stored(end, writer.storedBytes());
            case CreateOutcome.AlreadyExists _ -> stored();
        };
    }

    /// One that was stored from the same segment on: by an earlier try whose answer was lost, or by
    /// a run that was killed then.
    private Result stored() throws IOException, FormatException {
        SnapshotReader there = SnapshotReader.open(store, header.replayFrom(), header.archive());
        if (!there.header().writer().equals(header.writer())) {
            String why =
                    "the store has a snapshot of that name by the writer "
                            + there.header().writer();
            return new Result.Failed(why, why);
        }
        there.prove(this::checkNotStopped); // nobody has acknowledged its blocks
        SnapshotFooter footer = there.footer();
        SnapshotPoint end =
                new SnapshotPoint(
                        footer.consistentAt(),
                        footer.segmentDigest(),
                        footer.tx(),
                        footer.micros(),
                        footer.databasePages(),
                        footer.stateChecksum());
        return new Result.Stored(end, there.objectBytes());
    }

    private void checkNotStopped() throws InterruptedIOException {
        if (isStopped) {
            throw new InterruptedIOException("stopped");
        }
    }

    /// Whether all pages were read.
    boolean isCopied() {
        return isCopied;
    }

    /// Hashes of the pages as copied; once [#isCopied].
    PageMap hashes() {
        return hashes;
    }

    /// The log says what the copy is to be repaired to.
    void finishAt(SnapshotPoint end) {
        point = end;
        own.ring();
    }

    /// The log has become durable further.
    void wake() {
        own.ring();
    }

    /// From now on it is sent whatever the budget.
    void hurry() {
        isHurried = true;
        own.ring();
    }

    /// Gives it up, and returns once the thread reads no page any more. It ends when its store lets
    /// go of it.
    void stop() {
        reading.lock();
        try {
            isStopped = true;
        } finally {
            reading.unlock();
        }
        own.ring();
        ObjectUpload under = upload;
        if (under != null) {
            under.giveUp();
        }
    }

    /// Waits for the end, for so long at most.
    void awaitEnd(Duration patience) {
        try {
            boolean _ = ended.await(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// The end, once it is reached.
    @Nullable Result result() {
        return result;
    }
}
