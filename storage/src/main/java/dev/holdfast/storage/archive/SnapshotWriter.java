package dev.holdfast.storage.archive;

import dev.holdfast.format.Digest;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.SnapshotFooter;
import dev.holdfast.format.SnapshotHeader;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.seal.DataKey;
import dev.holdfast.storage.seal.SnapshotSeal;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/// Streams a snapshot into an upload: `block`, fill, `add`, again and again, then `commit`. Owned
/// by one thread.
///
/// Blocks are compressed by `executor` while the owner reads on; at most `blocksInWork` are held,
/// each with its raw and its compressed bytes. They are written by the owner, in order. The upload
/// stays the caller's to close. After an exception the writer can only be closed.
public final class SnapshotWriter implements AutoCloseable {
    private final ObjectUpload upload;
    private final SnapshotHeader header;
    private final Executor executor;
    private final int blocksInWork;
    private final @Nullable SnapshotSeal seal;

    /// What stands before the blocks.
    private final ByteBuffer head;

    private final List<SnapshotBlock> all = new ArrayList<>();
    private final Deque<SnapshotBlock> free = new ArrayDeque<>();
    private final Deque<SnapshotBlock> working = new ArrayDeque<>();
    private @Nullable SnapshotBlock filling;
    private ByteBuffer index = ByteBuffer.allocate(64 * SnapshotFooter.INDEX_ENTRY_BYTES);
    private int blockCount;
    private long pagesCopied;
    private long storedBytes;
    private boolean isLastAdded;

    /// @param executor compresses; `Runnable::run` does it in the owner's thread
    /// @param blocksInWork one more than the executor has threads keeps all of them busy
    public SnapshotWriter(
            ObjectUpload upload, SnapshotHeader header, Executor executor, int blocksInWork) {
        this(upload, header, executor, blocksInWork, Optional.empty());
    }

    /// The same with encryption.
    ///
    /// @param executor as above
    /// @param dataKey what it is encrypted with, if the header says that it is
    public SnapshotWriter(
            ObjectUpload upload,
            SnapshotHeader header,
            Executor executor,
            int blocksInWork,
            Optional<DataKey> dataKey) {
        if (dataKey.isPresent() != header.isSealed()) {
            throw new IllegalArgumentException("sealed " + header.isSealed());
        }
        if (blocksInWork < 1) {
            throw new IllegalArgumentException("no block in work");
        }
        this.upload = upload;
        this.header = header;
        this.executor = executor;
        this.blocksInWork = blocksInWork;
        ByteBuffer headerBytes = ByteBuffer.allocate(SnapshotHeader.BYTES);
        header.writeTo(headerBytes);
        if (dataKey.isEmpty()) {
            seal = null;
            head = headerBytes;
        } else {
            SnapshotSeal.Prelude prelude = SnapshotSeal.Prelude.of(dataKey.get());
            seal = SnapshotSeal.of(header, dataKey.get(), prelude);
            head =
                    ByteBuffer.allocate(SnapshotHeader.BYTES + prelude.bytes().remaining())
                            .put(headerBytes)
                            .put(prelude.bytes().duplicate())
                            .flip();
        }
    }

    /// Room for the pages of the next block, [SnapshotHeader#blockBytes] long; the same until
    /// [#add]. Waits until the oldest block is compressed and writes it if there is no other room.
    public MemorySegment block() throws IOException {
        if (filling == null) {
            filling = freeBlock();
        }
        return filling.raw();
    }

    private SnapshotBlock freeBlock() throws IOException {
        if (free.isEmpty() && all.size() < blocksInWork) {
            SnapshotBlock fresh =
                    new SnapshotBlock(
                            header.codec(),
                            header.blockBytes(),
                            seal == null ? null : seal.blocks());
            all.add(fresh);
            return fresh;
        }
        if (free.isEmpty()) {
            writeOldest();
        }
        return free.removeFirst();
    }

    /// Takes the block that [#block] gave, with its first `pages` pages; fewer than
    /// [SnapshotHeader#pagesPerBlock] only in the last one. Page 1 of block 0 is page 1 of the
    /// database; the lock page is zeroed here.
    public void add(int pages) {
        SnapshotBlock block = filling;
        if (block == null || isLastAdded || blockCount == SnapshotFooter.MAX_BLOCKS) {
            throw new IllegalStateException("no block may be added here");
        }
        if (pages < 1
                || pages > header.pagesPerBlock()
                || pagesCopied + pages > RecordHeader.MAX_DATABASE_PAGES) {
            throw new IllegalArgumentException("a block of " + pages + " pages");
        }
        int pageBytes = header.pageSize().bytes();
        long lockPage = header.pageSize().lockPage() - pagesCopied;
        if (lockPage >= 1 && lockPage <= pages) {
            block.raw().asSlice((lockPage - 1) * pageBytes, pageBytes).fill((byte) 0);
        }
        isLastAdded = pages < header.pagesPerBlock();
        int index = blockCount++;
        pagesCopied += pages;
        filling = null;
        working.addLast(block);
        block.compress(index, pages * pageBytes, executor);
    }

    private void writeOldest() throws IOException {
        SnapshotBlock block = working.getFirst();
        SnapshotBlock.Stored stored = block.stored();
        int length = stored.bytes().remaining();
        if (index.remaining() < SnapshotFooter.INDEX_ENTRY_BYTES) {
            index = ByteBuffer.allocate(2 * index.capacity()).put(index.flip());
        }
        index.putInt(length);
        stored.digest().writeTo(index, index.position());
        index.position(index.position() + Digest.BYTES);
        writeHeaderOnce();
        upload.write(stored.bytes());
        storedBytes += length;
        free.addLast(working.removeFirst());
    }

    private void writeHeaderOnce() throws IOException {
        if (storedBytes == 0) {
            upload.write(head.duplicate());
            storedBytes = head.remaining();
        }
    }

    /// Pages added so far.
    public long pagesCopied() {
        return pagesCopied;
    }

    /// Bytes written to the upload so far.
    public long storedBytes() {
        return storedBytes;
    }

    /// Writes what is left, index and footer, and commits the upload, which must have been begun
    /// under the name of the header's `replayFrom`.
    public CreateOutcome commit(SnapshotPoint point) throws IOException {
        while (!working.isEmpty()) {
            writeOldest();
        }
        writeHeaderOnce();
        SnapshotFooter footer =
                new SnapshotFooter(
                        blockCount,
                        storedBytes,
                        pagesCopied,
                        point.databasePages(),
                        point.consistentAt(),
                        point.segmentDigest(),
                        point.tx(),
                        point.micros(),
                        seal == null ? point.stateChecksum() : 0);
        ByteBuffer behind = behindBlocks(footer, index.flip(), point.stateChecksum());
        ByteBuffer footerBytes = ByteBuffer.allocate(SnapshotFooter.BYTES);
        footer.writeTo(footerBytes, head, behind);
        storedBytes += behind.remaining() + SnapshotFooter.BYTES;
        upload.write(behind);
        upload.write(footerBytes);
        return upload.commit();
    }

    /// The index, and the sealed checksum if there is one.
    private ByteBuffer behindBlocks(SnapshotFooter footer, ByteBuffer index, long checksum) {
        if (seal == null) {
            return index;
        }
        ByteBuffer sealed =
                seal.blocks().sealChecksum(blockCount, checksum, footer.binding(head, index));
        return ByteBuffer.allocate(index.remaining() + sealed.remaining())
                .put(index)
                .put(sealed)
                .flip();
    }

    /// Waits for blocks that are being compressed, and frees the room.
    @Override
    public void close() {
        all.forEach(SnapshotBlock::close);
        all.clear();
    }
}
