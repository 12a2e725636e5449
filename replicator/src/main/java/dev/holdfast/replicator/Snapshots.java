package dev.holdfast.replicator;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.Codec;
import dev.holdfast.format.Micros;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.SnapshotHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.SnapshotPoint;
import dev.holdfast.storage.seal.DataKey;
import dev.holdfast.storage.seal.Sealing;
import dev.holdfast.storage.state.LogPoint;
import dev.holdfast.wal.WalIndexHeader;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/// Decides when a snapshot is taken for a destination, and leads it through: reset, wait until all
/// that the log held before the reset is in the database file, copy, name the point to which the
/// log repairs the copy. Owned by the capture thread, which calls [#step] whenever it has looked at
/// the WAL.
final class Snapshots {
    private static final long FIRST_RETRY_NANOS = Duration.ofSeconds(10).toNanos();
    private static final long LONGEST_RETRY_NANOS = Duration.ofMinutes(5).toNanos();

    private final ArchiveId archive;
    private final WriterId writer;
    private final Codec codec;
    private final Sealing sealing;
    private final ObjectStore store;
    private final Duration perSegment;
    private final ByteBudget bytes;
    private final SnapshotPolicy policy;
    private final ShippedMark durable;
    private final Bell bell;
    private final Timekeeper time;
    private final Consumer<FollowerEvent> events;

    // These two are read by the shipper's thread too
    private volatile Phase phase = new Phase.Resting();
    private volatile boolean isFirstMissing = true;

    /// Given up; it may hang in the store. No other is begun before it has ended.
    private @Nullable SnapshotJob ending;

    private boolean isWanted;
    private boolean isHurried;
    private long notBefore = Long.MIN_VALUE;
    private long retryNanos = FIRST_RETRY_NANOS;
    private long logBytes;
    private long segments;
    private long lastMicros;

    /// Where a snapshot stands.
    private sealed interface Phase {
        record Resting() implements Phase {}

        /// The reset is made; frames from before it are not all in the database file.
        record Settling(long replayFrom, SourcePosition barrier, CopyWatch watch)
                implements Phase {}

        record Copying(SnapshotJob job, CopyWatch watch, long beganNanos) implements Phase {}

        /// The copy is there and its point is named; the log must become durable.
        record Committing(SnapshotJob job, long beganNanos) implements Phase {}
    }

    Snapshots(
            ArchiveId archive,
            WriterId writer,
            Codec codec,
            Sealing sealing,
            DestinationOptions to,
            ByteBudget bytes,
            SnapshotPolicy policy,
            ShippedMark durable,
            Bell bell,
            Timekeeper time,
            Consumer<FollowerEvent> events) {
        this.archive = archive;
        this.writer = writer;
        this.codec = codec;
        this.sealing = sealing;
        this.store = to.store();
        this.perSegment = to.perSegment();
        this.bytes = bytes;
        this.policy = policy;
        this.durable = durable;
        this.bell = bell;
        this.time = time;
        this.events = events;
    }

    /// History goes on from a newest snapshot.
    void resume(SnapshotAge newest) {
        isFirstMissing = false;
        isHurried = false;
        lastMicros = newest.micros();
        logBytes = newest.logBytes();
        segments = newest.segments();
    }

    /// What comes next, of a history that is about to begin or whose pages are not known, can't be
    /// restored yet.
    void missFirst() {
        isFirstMissing = true;
        isWanted = true;
    }

    /// History began anew with `base`, which is the segment at the log's end.
    void rebased(Base base, LogWriter log) throws IOException {
        abandon(log);
        if (base.image().isPresent() && base.hashes().isPresent() && !isEnding()) {
            MemorySegment image = base.image().get();
            LogPoint end = log.end();
            SnapshotJob job =
                    job(
                            log.pageSize(),
                            log.resetNext(),
                            base.databasePages(),
                            (offset, into) ->
                                    into.copyFrom(image.asSlice(offset, into.byteSize())));
            job.finishAt(point(end, base.databasePages(), base.hashes().get().checksum()));
            phase = new Phase.Committing(job, time.nanoTime());
            begin(job, base.databasePages(), log.pageSize());
        }
    }

    /// A segment of the log was finished.
    void spooled(SpoolEntry entry) {
        logBytes += entry.header().rawLength();
        segments++;
    }

    /// The log has become durable further.
    void wake() {
        switch (phase) {
            case Phase.Committing(SnapshotJob job, long _) -> job.wake();
            case Phase.Resting _, Phase.Settling _, Phase.Copying _ -> {}
        }
    }

    /// Whether frames should be copied back even if the WAL is short: a snapshot waits for it.
    boolean wantsCheckpoint() {
        return phase instanceof Phase.Settling;
    }

    /// Whether what comes can't be restored before a snapshot is stored.
    boolean isFirstMissing() {
        return isFirstMissing;
    }

    /// Does what is due. All commits that `oracle` knows were appended to `log`.
    ///
    /// @param mayBegin whether the store is likely to take it: each beginning resets the stream of
    ///   the log, which costs
    void step(LogWriter log, LiveDatabase live, WalIndexHeader oracle, boolean mayBegin)
            throws IOException, LiveDatabaseException {
        switch (phase) {
            case Phase.Resting _ -> {
                if (mayBegin && !isEnding()) {
                    settleIfDue(log);
                }
            }
            case Phase.Settling settling -> copyIfSettled(settling, log, live, oracle);
            case Phase.Copying(SnapshotJob job, CopyWatch watch, long began) -> {
                if (job.result() != null) {
                    end(job, began, log);
                } else if (job.isCopied()) {
                    nameThePoint(job, watch, began, log);
                }
            }
            case Phase.Committing(SnapshotJob job, long began) -> {
                if (job.result() != null) {
                    end(job, began, log);
                }
            }
        }
    }

    private boolean isEnding() {
        SnapshotJob last = ending;
        if (last != null && last.result() != null) {
            ending = null; // with its page map
        }
        return ending != null;
    }

    private void settleIfDue(LogWriter log) throws IOException {
        // Commits without a state checksum can't be restored; a snapshot makes the hashes known
        isWanted |= log.pages().isEmpty();
        long databaseBytes =
                log.pages().map(PageMap::pageCount).orElse(0L) * log.pageSize().bytes();
        Duration age = Duration.ofNanos(1000 * Math.max(0, time.micros() - lastMicros));
        Duration forSegments = perSegment.multipliedBy(segments);
        if (isWanted || policy.isDue(databaseBytes, logBytes, forSegments, age)) {
            isWanted = true;
            if (time.nanoTime() >= notBefore) {
                long replayFrom = log.resetNext();
                CopyWatch watch = new CopyWatch(log.pageSize());
                log.watch(watch);
                phase = new Phase.Settling(replayFrom, log.source(), watch);
            }
        }
    }

    private void copyIfSettled(
            Phase.Settling settling, LogWriter log, LiveDatabase live, WalIndexHeader oracle)
            throws IOException {
        boolean isSameGeneration = settling.barrier().wal().sameGeneration(oracle.end());
        boolean isSettled =
                !isSameGeneration || oracle.backfilled() >= settling.barrier().wal().frame();
        if (isSettled) {
            long pages = live.filePages(log.pageSize());
            SnapshotJob job = job(log.pageSize(), settling.replayFrom(), pages, live::readPages);
            phase = new Phase.Copying(job, settling.watch(), time.nanoTime());
            begin(job, pages, log.pageSize());
        }
    }

    private SnapshotJob job(
            PageSize pageSize, long replayFrom, long pages, SnapshotJob.Pages source) {
        Optional<DataKey> dataKey = sealing.current();
        SnapshotHeader header =
                new SnapshotHeader(
                        codec,
                        pageSize,
                        archive,
                        writer,
                        replayFrom,
                        time.micros(),
                        SnapshotJob.pagesPerBlock(pageSize),
                        dataKey.isPresent());
        ByteBudget.Share share =
                isFirstMissing ? ByteBudget.Share.FIRST_SNAPSHOT : ByteBudget.Share.REST;
        SnapshotJob job =
                new SnapshotJob(store, bytes, share, header, dataKey, pages, source, durable, bell);
        if (isHurried) {
            job.hurry();
        }
        return job;
    }

    private void begin(SnapshotJob job, long pages, PageSize pageSize) {
        isWanted = false;
        job.start();
        events.accept(
                new FollowerEvent.SnapshotBegan(store.location(), pages, pages * pageSize.bytes()));
    }

    /// The copy is complete, and all commits that can have reached it are in the log: that is the
    /// point.
    private void nameThePoint(SnapshotJob job, CopyWatch watch, long began, LogWriter log)
            throws IOException, LiveDatabaseException {
        log.cut();
        log.unwatch(watch);
        long pages = log.databasePages();
        PageMap copied = watch.over(job.hashes(), log.pageSize(), pages);
        PageMap known = log.pages().orElse(copied);
        if (copied.checksum() != known.checksum()) {
            throw LiveDatabaseException.continuityLost(
                    "the database file has pages that its WAL never had: state checksum %016x, wanted %016x"
                            .formatted(copied.checksum(), known.checksum()));
        }
        if (log.pages().isEmpty()) {
            log.learn(copied);
        }
        job.finishAt(point(log.end(), pages, known.checksum()));
        phase = new Phase.Committing(job, began);
    }

    private static SnapshotPoint point(LogPoint end, long pages, long checksum) {
        return new SnapshotPoint(end.seq(), end.digest(), end.tx(), end.micros(), pages, checksum);
    }

    private void end(SnapshotJob job, long began, LogWriter log) {
        unwatch(log);
        phase = new Phase.Resting();
        switch (job.result()) {
            case SnapshotJob.Result.Stored(SnapshotPoint point, long storedBytes) -> {
                isFirstMissing = false;
                isHurried = false;
                retryNanos = FIRST_RETRY_NANOS;
                lastMicros = Micros.after(0, time.micros());
                logBytes = 0;
                segments = log.end().seq() - point.consistentAt();
                events.accept(
                        new FollowerEvent.SnapshotDone(
                                store.location(),
                                job.header().replayFrom(),
                                point.tx(),
                                storedBytes,
                                Duration.ofNanos(time.nanoTime() - began)));
            }
            case SnapshotJob.Result.Failed(String why, String cause) -> {
                isWanted = true;
                notBefore = time.nanoTime() + retryNanos;
                retryNanos = Math.min(2 * retryNanos, LONGEST_RETRY_NANOS);
                events.accept(new FollowerEvent.SnapshotFailed(store.location(), why, cause));
            }
            case SnapshotJob.Result.Stopped _ -> isWanted = true;
            case null -> throw new IllegalStateException("not at its end");
        }
    }

    /// What is to be durable now waits for the first one: it is sent whatever the budget.
    void hurry() {
        if (isFirstMissing) {
            isHurried = true;
            switch (phase) {
                case Phase.Resting _, Phase.Settling _ -> {}
                case Phase.Copying(SnapshotJob job, CopyWatch _, long _) -> job.hurry();
                case Phase.Committing(SnapshotJob job, long _) -> job.hurry();
            }
        }
    }

    /// Gives up what is under way; when this returns nobody reads the database's pages any more.
    void abandon(LogWriter log) {
        switch (phase) {
            case Phase.Resting _ -> {}
            case Phase.Settling _ -> isWanted = true;
            case Phase.Copying(SnapshotJob job, CopyWatch _, long began) -> stop(job, began, log);
            case Phase.Committing(SnapshotJob job, long began) -> stop(job, began, log);
        }
        unwatch(log);
        phase = new Phase.Resting();
    }

    private void unwatch(LogWriter log) {
        switch (phase) {
            case Phase.Settling(long _, SourcePosition _, CopyWatch watch) -> log.unwatch(watch);
            case Phase.Copying(SnapshotJob _, CopyWatch watch, long _) -> log.unwatch(watch);
            case Phase.Resting _, Phase.Committing _ -> {}
        }
    }

    /// It may have been stored in the last moment.
    private void stop(SnapshotJob job, long began, LogWriter log) {
        job.stop();
        if (job.result() == null) {
            ending = job;
            isWanted = true;
        } else {
            end(job, began, log);
        }
    }

    /// At the end of the run: waits until what was given up has let go of the store.
    void awaitEnd(Duration patience) {
        SnapshotJob last = ending;
        if (last != null) {
            last.awaitEnd(patience);
        }
    }
}
