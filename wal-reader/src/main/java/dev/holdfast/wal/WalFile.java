package dev.holdfast.wal;

import dev.holdfast.format.PageSize;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// A `-wal`, read with positional reads and believed only as far as the [wal-index][WalIndexHeader]
/// vouches for it.
///
/// SQLite locks nothing on this file, so it may be opened and closed at will. It is never mapped: a
/// checkpoint can truncate it. The caller holds a read lock that covers what it reads. Belongs to
/// the thread that opened it.
public final class WalFile implements AutoCloseable {
    /// After this many frames a read ends with the next commit, and the caller reads on: bounds the
    /// tables to 1.5 MiB, but for a transaction that alone is longer.
    public static final int BATCH_FRAMES = 1 << 16;

    /// The longest transaction, and the longest WAL under an overlay, that is taken on: 64 GiB of 4
    /// KiB pages, 400 MB of tables.
    public static final int MAX_FRAMES = 1 << 24;

    private final FileChannel channel;
    private final WalBuffer buffer;
    private final boolean ownsBuffer;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment header = arena.allocate(WalHeader.BYTES, Long.BYTES);

    private WalFile(FileChannel channel, WalBuffer buffer, boolean ownsBuffer) {
        this.channel = channel;
        this.buffer = buffer;
        this.ownsBuffer = ownsBuffer;
    }

    /// Opens it with a buffer of its own.
    ///
    /// @throws java.nio.file.NoSuchFileException as long as the first writer has not come, and
    ///   after the last has gone
    public static WalFile open(Path wal) throws IOException {
        FileChannel channel = FileChannel.open(wal, StandardOpenOption.READ);
        return new WalFile(channel, new WalBuffer(), true);
    }

    /// Opens it with a buffer that the thread shares among its WALs, and closes after them.
    public static WalFile open(Path wal, WalBuffer buffer) throws IOException {
        return new WalFile(FileChannel.open(wal, StandardOpenOption.READ), buffer, false);
    }

    public WalHeaderStep header() throws IOException {
        int bytes = PositionalRead.fill(channel, header, 0);
        return WalHeader.readFrom(header.asSlice(0, bytes));
    }

    /// The position before the first frame of the generation that the oracle is in. Empty if the
    /// file does not carry that generation, as between a reset and the first commit after it, when
    /// there is nothing to read yet.
    public Optional<WalPosition> start(WalIndexHeader oracle) throws IOException {
        if (!(header() instanceof WalHeaderStep.Valid(WalHeader found))) {
            return Optional.empty();
        }
        WalPosition start = WalPosition.startOf(found);
        boolean isOfOracle =
                start.sameGeneration(oracle.end())
                        && found.bigEndianChecksums() == oracle.bigEndianChecksums()
                        && found.pageSize() == oracle.pageSize();
        return isOfOracle ? Optional.of(start) : Optional.empty();
    }

    /// Whether the frame that ends at `position`, or the header for frame 0, is still there with
    /// the same salts and checksum. Reads two headers and no page: says that the place was not
    /// written over, not that its page is undamaged.
    boolean stillInPlace(WalPosition position) throws IOException {
        if (!(header() instanceof WalHeaderStep.Valid(WalHeader found))) {
            return false;
        }
        WalPosition start = WalPosition.startOf(found);
        if (position.frame() == 0 || !start.sameGeneration(position)) {
            return start.equals(position);
        }
        Optional<MemorySegment> frame = frameHeader(position.frame(), found.pageSize());
        return frame.isPresent()
                && WalFrame.hasSaltsOf(frame.get(), position)
                && WalFrame.storedChecksum(frame.get()) == position.checksum();
    }

    /// Whether what the oracle vouches for goes on from `position`: the place is one of its
    /// generation, not past its end, and not written over.
    public boolean stillInPlace(WalPosition position, WalIndexHeader oracle) throws IOException {
        return position.sameGeneration(oracle.end())
                && position.frame() <= oracle.maxFrame()
                && stillInPlace(position);
    }

    /// Visits the commits after `from`, in order, once all frames up to `oracle.maxFrame()` form
    /// one chain of checksums from `from`'s to the oracle's. Until that is proven nothing is
    /// visited.
    ///
    /// If the visitor throws, the commits before are good: [WalCommit#end] says where to go on.
    public WalStep read(WalPosition from, WalIndexHeader oracle, CommitVisitor visitor)
            throws IOException {
        WalPosition end = oracle.end();
        if (!from.sameGeneration(end)) {
            return new WalBreak.Restarted(end.salt1(), end.salt2());
        }
        if (from.frame() >= end.frame()) {
            // The oracle knows no checksum before its first frame
            boolean isSame = from.frame() == 0 || from.equals(end);
            return isSame ? new WalStep.CaughtUp() : new WalBreak.Rewritten(from);
        }
        buffer.take();
        try {
            return readCommits(from, oracle, visitor);
        } finally {
            buffer.release();
        }
    }

    private WalStep readCommits(WalPosition from, WalIndexHeader oracle, CommitVisitor visitor)
            throws IOException {
        FrameTable table = buffer.table();
        FrameReader reader =
                new FrameReader(
                        channel,
                        buffer.window(),
                        table,
                        oracle.pageSize(),
                        oracle.bigEndianChecksums());
        FrameReader.Verified verified = reader.verify(from, oracle.maxFrame(), BATCH_FRAMES);
        WalPosition end = verified.end();
        if (end.frame() < oracle.maxFrame()) {
            return brokenAfter(end, from);
        }
        if (!end.equals(oracle.end())
                || verified.databasePages() == 0
                || verified.databasePages() != oracle.databasePages()) {
            return new WalBreak.Mismatch(end, oracle.end());
        }
        if (table.committedCount() == 0) {
            return new WalBreak.TooLarge(end.frame() - from.frame());
        }
        return visitCommits(from, reader, oracle.pageSize(), visitor);
    }

    private WalStep visitCommits(
            WalPosition from, FrameReader reader, int pageSize, CommitVisitor visitor)
            throws IOException {
        FrameTable table = buffer.table();
        LastImages images = buffer.images();
        WalPosition reached = from;
        int commits = 0;
        for (int first = 0; first < table.committedCount(); commits++) {
            int end = table.commitEnd(first);
            long databasePages = Integer.toUnsignedLong(table.databasePages(end - 1));
            images.collect(table, first, end, databasePages, new PageSize(pageSize).lockPage());
            reached = from.advancedTo(table.number(end - 1), table.checksum(end - 1));
            WalCommit commit = new WalCommit(reader, images, first, end, databasePages, reached);
            try {
                visitor.visit(commit);
            } finally {
                commit.finish();
            }
            first = end;
        }
        return new WalStep.Committed(reached, commits, reached.frame() - from.frame());
    }

    /// The chain that began at `from` broke after `end`. Only a file that still carries the
    /// generation, but not the frame it began with, was rewritten: anything else is a file newer
    /// than the oracle, frames that SQLite never sealed, or damage.
    private WalBreak brokenAfter(WalPosition end, WalPosition from) throws IOException {
        long broken = end.frame() + 1;
        if (!(header() instanceof WalHeaderStep.Valid(WalHeader found))
                || !WalPosition.startOf(found).sameGeneration(from)) {
            return new WalBreak.Torn(broken);
        }
        if (!stillInPlace(from)) {
            return new WalBreak.Rewritten(from);
        }
        Optional<MemorySegment> frame = frameHeader(broken, found.pageSize());
        return frame.isPresent() && WalFrame.isUnsealed(frame.get())
                ? new WalBreak.Unsealed(broken)
                : new WalBreak.Torn(broken);
    }

    /// The header of a frame, good until the next call; empty if the file ends before its end.
    private Optional<MemorySegment> frameHeader(long number, int pageSize) throws IOException {
        MemorySegment frame = header.asSlice(0, WalFrame.HEADER_BYTES);
        int bytes = PositionalRead.fill(channel, frame, WalFrame.offset(number, pageSize));
        return bytes == WalFrame.HEADER_BYTES ? Optional.of(frame) : Optional.empty();
    }

    /// The last image of each page in the frames up to `limit`, the end of a commit that an oracle
    /// has vouched for. All of them are verified first.
    public WalOverlayStep overlay(WalPosition limit) throws IOException {
        if (!(header() instanceof WalHeaderStep.Valid(WalHeader found))) {
            return new WalBreak.Torn(0);
        }
        WalPosition start = WalPosition.startOf(found);
        if (!start.sameGeneration(limit)) {
            return new WalBreak.Restarted(start.salt1(), start.salt2());
        }
        if (limit.frame() > MAX_FRAMES) {
            return new WalBreak.TooLarge(limit.frame());
        }
        FrameTable table = new FrameTable();
        FrameReader reader =
                new FrameReader(
                        channel,
                        buffer.window(),
                        table,
                        found.pageSize(),
                        found.bigEndianChecksums());
        FrameReader.Verified verified = verifyAll(reader, start, limit);
        WalPosition end = verified.end();
        if (end.frame() < limit.frame()) {
            return brokenAfter(end, start);
        }
        if (!end.equals(limit)) {
            return new WalBreak.Rewritten(limit);
        }
        if (limit.frame() > 0 && verified.databasePages() == 0) {
            throw new IllegalArgumentException("limit: wanted the end of a commit, found " + limit);
        }
        LastImages images = new LastImages();
        images.collect(
                table,
                0,
                table.count(),
                verified.databasePages(),
                new PageSize(found.pageSize()).lockPage());
        return new WalOverlayStep.Found(new WalOverlay(reader, table, images, found.pageSize()));
    }

    private FrameReader.Verified verifyAll(FrameReader reader, WalPosition start, WalPosition limit)
            throws IOException {
        buffer.take();
        try {
            return reader.verify(start, limit.frame(), MAX_FRAMES);
        } finally {
            buffer.release();
        }
    }

    /// Closes the file, and the buffer if it is this one's own.
    @Override
    public void close() throws IOException {
        try (arena) {
            if (ownsBuffer) {
                buffer.close();
            }
        } finally {
            channel.close();
        }
    }
}
