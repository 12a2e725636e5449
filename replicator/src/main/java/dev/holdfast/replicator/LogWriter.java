package dev.holdfast.replicator;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.Codec;
import dev.holdfast.format.Micros;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.storage.archive.SegmentStart;
import dev.holdfast.storage.archive.SegmentWriter;
import dev.holdfast.storage.codec.BodyCompressor;
import dev.holdfast.storage.seal.Sealing;
import dev.holdfast.storage.state.LogPoint;
import dev.holdfast.wal.WalCommit;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Turns commits into segments of the log and keeps the page map in step. Owned by the capture
/// thread.
///
/// A commit is *appended* to the open segment; [#cut] seals it and forces it into the spool, after
/// which it can be shipped. What was not cut is lost with the process, and given up by [#giveUp]:
/// [#source] then says from where to read the WAL again.
final class LogWriter implements AutoCloseable {
    /// The open segment is cut at this size whatever the shipper does: bounds what a kill can lose
    /// and a reader must hold.
    private static final long CUT_RAW_BYTES = 16 << 20;

    private static final int CUT_RECORDS = 16_384;

    /// What the capture thread does to the log.
    interface Listener {
        /// History is about to begin anew: nothing of that is in the spool yet, where the shipper
        /// would find it.
        default void beginsAnew() {}

        /// A segment was forced into the spool, whoever wanted the cut.
        void spooled(SpoolEntry entry);
    }

    /// What the log may take of this machine.
    @FunctionalInterface
    interface Room {
        /// Refuses the segment of commits that is about to begin, if there is none.
        void require() throws IOException;
    }

    private final ArchiveId archive;
    private final WriterId writer;
    private final Codec codec;
    private final Timekeeper time;
    private final Spool spool;
    private final Room room;
    private final Listener listener;
    private final AppendedPages pages = new AppendedPages();
    private @Nullable SegmentWriter segments;
    private @Nullable SpoolFile file;
    private LogPoint end;
    private SourcePosition source;
    private boolean isResetWanted;
    private int windowLog2;
    private Sealing sealing = new Sealing(List.of());

    /// From the flush of a segment until it counts: if it never does, the compressor's stream has
    /// bytes that no reader will see.
    private boolean isSealing;

    /// A sealed segment was given up, and nothing has taken its place: it may be whole in the
    /// spool, and then a start of the process takes it for the log's.
    private boolean isGivenUpThere;

    private boolean isAppending;

    private SourcePosition openSource;
    private long openTx;
    private long openMicros;

    /// @param end where the log ends; what is appended follows it
    LogWriter(
            ArchiveId archive,
            WriterId writer,
            Codec codec,
            Timekeeper time,
            Spool spool,
            LogPoint end,
            SourcePosition source,
            Room room,
            Listener listener) {
        this.archive = archive;
        this.writer = writer;
        this.codec = codec;
        this.time = time;
        this.spool = spool;
        this.room = room;
        this.listener = listener;
        this.end = end;
        this.source = source;
        this.openSource = source;
        this.openTx = end.tx();
        this.openMicros = end.micros();
    }

    /// Encrypts what is begun from now on. To be called before anything is.
    void seal(Sealing with) {
        sealing = with;
    }

    /// Encrypts with another data key from the next segment that is begun on.
    void renewKey() {
        sealing.renew();
        isResetWanted = true;
    }

    /// Goes on with a database that is what the log says it is at its end.
    ///
    /// @param databasePages its size now, which is that at the log's end or later
    /// @param known empty if the hashes of its pages are not known
    void resume(
            PageSize databasePageSize,
            long databasePages,
            SourcePosition at,
            Optional<PageMap> known) {
        giveUp();
        source = at;
        openSource = at;
        pages.begin(databasePageSize, known.map(PageMap::pageCount).orElse(databasePages), known);
        renewCompressor(databasePages);
    }

    /// Begins history anew: the database was found at `at` with no proof that it follows from the
    /// log. Forced when this returns.
    ///
    /// @param known hashes of the pages of the database as found; empty if they are not known yet
    void rebase(
            RebaseReason reason,
            PageSize databasePageSize,
            long databasePages,
            SourcePosition at,
            Optional<PageMap> known)
            throws SpoolException {
        listener.beginsAnew();
        giveUp();
        pages.forget(databasePageSize);
        renewCompressor(databasePages);
        long micros = Micros.after(openMicros, time.micros());
        begin(SegmentStart.rebase(databasePageSize, end.seq() + 1, end.digest(), openTx + 1));
        OptionalLong checksum =
                known.map(map -> OptionalLong.of(map.checksum())).orElse(OptionalLong.empty());
        record(
                segments(),
                new RecordHeader(Optional.of(reason), 0, databasePages, micros, checksum));
        openTx++;
        openMicros = micros;
        openSource = at;
        cut();
        pages.begin(databasePageSize, databasePages, known);
    }

    private void renewCompressor(long databasePages) {
        if (segments != null) {
            segments.close();
        }
        windowLog2 = BodyCompressor.windowLog2For(databasePages * pageSize().bytes());
        segments = new SegmentWriter(archive, writer, codec, windowLog2, sealing.current());
        isResetWanted = false;
    }

    private SegmentWriter segments() {
        if (segments == null) {
            renewCompressor(pages.sealedCount());
        }
        if (segments == null) {
            throw new IllegalStateException("no compressor");
        }
        return segments;
    }

    private void begin(SegmentStart start) throws SpoolException {
        file = spoolFile(start.seq());
        segments().begin(start, file.channel(), spool.nextOffset(file));
    }

    private void requireRoom() throws SpoolException {
        try {
            room.require();
        } catch (IOException e) {
            throw new SpoolException(e);
        }
    }

    private SpoolFile spoolFile(long seq) throws SpoolException {
        try {
            return spool.fileFor(seq);
        } catch (IOException e) {
            throw new SpoolException(e);
        }
    }

    private static void record(SegmentWriter out, RecordHeader header) throws SpoolException {
        try {
            out.record(header);
        } catch (IOException e) {
            throw new SpoolException(e);
        }
    }

    private static void page(SegmentWriter out, long pageNumber, MemorySegment image)
            throws SpoolException {
        try {
            out.page(pageNumber, image);
        } catch (IOException e) {
            throw new SpoolException(e);
        }
    }

    /// Appends one commit; it is in the open segment when this returns, and not yet on disk.
    ///
    /// @throws SpoolException if it could not be written
    /// @throws IOException if the commit could not be read
    void append(WalCommit commit) throws IOException {
        isAppending = true;
        if (!hasOpen()) {
            beginCommits(commit.databasePages());
        }
        SegmentWriter out = segments();
        pages.note(commit);
        openMicros = Micros.after(openMicros, time.micros());
        record(
                out,
                new RecordHeader(
                        Optional.empty(),
                        commit.pageCount(),
                        commit.databasePages(),
                        openMicros,
                        pages.checksum()));
        commit.forEachPage((pageNumber, image) -> page(out, pageNumber, image));
        openTx++;
        openSource = new SourcePosition(commit.end());
        isAppending = false;
        if (out.rawBytes() >= CUT_RAW_BYTES || out.recordCount() >= CUT_RECORDS) {
            cut();
        }
    }

    /// A database that has outgrown its compressor's window gets a larger one, and so does each
    /// that begins a stream anyway.
    private void beginCommits(long databasePages) throws SpoolException {
        requireRoom();
        if (isResetWanted
                || BodyCompressor.isOutgrown(windowLog2, databasePages * pageSize().bytes())) {
            renewCompressor(databasePages);
        }
        boolean isReset = segments().needsReset();
        begin(SegmentStart.commits(isReset, pageSize(), end.seq() + 1, end.digest(), openTx + 1));
    }

    /// Seals the open segment, if there is one, and forces it into the spool.
    void cut() throws SpoolException {
        SegmentWriter out = segments();
        SpoolFile into = file;
        if (!out.isOpen() || into == null) {
            return;
        }
        isSealing = true;
        SpoolEntry entry = seal(out, into);
        isSealing = false;
        isGivenUpThere = false;
        end = new LogPoint(entry.seq(), entry.digest(), openTx, openMicros);
        source = openSource;
        pages.sealed(entry.header());
        listener.spooled(entry);
    }

    private SpoolEntry seal(SegmentWriter out, SpoolFile into) throws SpoolException {
        try {
            return spool.add(out.seal(), into, openSource, pages.map().isPresent(), pages.deltas());
        } catch (IOException e) {
            throw new SpoolException(e);
        }
    }

    /// As [#cut], unless an append or a cut has failed: then there is nothing that counts.
    void cutIfWhole() throws SpoolException {
        if (!isAppending && !isSealing) {
            cut();
        }
    }

    /// Gives the open segment up: log, page map and [#source] are what they were at the last cut.
    void giveUp() {
        if (segments != null) {
            segments.abandon();
            if (isSealing) {
                segments.close();
                segments = null;
            }
        }
        isGivenUpThere |= isSealing;
        isSealing = false;
        isAppending = false;
        pages.giveUp();
        openTx = end.tx();
        openMicros = end.micros();
        openSource = source;
    }

    /// The next segment that is begun will be one from which a replay can start. The open one is
    /// cut before.
    ///
    /// @return its seq, which no other segment will have: a process that starts after this one's
    ///   death begins with a reset anyway
    long resetNext() throws SpoolException {
        cut();
        cutOffGivenUp();
        isResetWanted = true;
        return end.seq() + 1;
    }

    private void cutOffGivenUp() throws SpoolException {
        if (isGivenUpThere) {
            try {
                spool.cutOffTail();
            } catch (IOException e) {
                throw new SpoolException(e);
            }
            isGivenUpThere = false;
        }
    }

    /// From now on each changed page is told to `copy`, until [#unwatch].
    void watch(CopyWatch copy) {
        pages.watch(copy);
    }

    void unwatch(CopyWatch copy) {
        pages.unwatch(copy);
    }

    /// The hashes of all pages at [#end] have become known. Nothing may be open.
    void learn(PageMap known) {
        if (hasOpen()) {
            throw new IllegalStateException("a segment is open");
        }
        pages.learn(known);
    }

    boolean hasOpen() {
        return segments != null && segments.isOpen();
    }

    /// The end of the last segment that was cut.
    LogPoint end() {
        return end;
    }

    /// The last transaction that was appended, cut or not.
    long appendedTx() {
        return openTx;
    }

    long appendedMicros() {
        return openMicros;
    }

    /// Where in the WAL the log ended at the last cut.
    SourcePosition source() {
        return source;
    }

    PageSize pageSize() {
        return pages.pageSize();
    }

    /// Size of the database in pages at [#end].
    long databasePages() {
        return pages.sealedCount();
    }

    /// The page map at the end of what was appended; empty while it is not known.
    Optional<PageMap> pages() {
        return pages.map();
    }

    @Override
    public void close() {
        if (segments != null) {
            segments.abandon();
            segments.close();
        }
    }
}
