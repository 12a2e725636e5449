package dev.holdfast.storage.archive;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.Digest;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.SnapshotFooter;
import dev.holdfast.format.SnapshotHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.codec.BlockCodec;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/// A snapshot whose header, index and footer were read and checked against their digest. Immutable:
/// several threads may use it, each with blocks of its own.
public final class SnapshotReader {
    private final ObjectStore store;
    private final String object;
    private final long objectBytes;
    private final SnapshotHeader header;
    private final SnapshotFooter footer;
    private final ByteBuffer index;
    private final long[] offsets;

    private SnapshotReader(
            ObjectStore store,
            String object,
            SnapshotHeader header,
            SnapshotFooter footer,
            ByteBuffer index)
            throws FormatException {
        this.store = store;
        this.object = object;
        this.objectBytes = footer.indexOffset() + footer.indexBytes() + SnapshotFooter.BYTES;
        this.header = header;
        this.footer = footer;
        this.index = index;
        this.offsets = offsets();
    }

    /// Reads and checks all but the blocks, by three ranged reads.
    public static SnapshotReader open(ObjectStore store, long replayFrom, ArchiveId archive)
            throws IOException, FormatException {
        String object = ObjectNames.snapshot(replayFrom);
        ByteBuffer headerBytes = ByteBuffer.allocate(SnapshotHeader.BYTES);
        long objectBytes = ObjectReads.read(store, object, 0, headerBytes);
        SnapshotHeader header = SnapshotHeader.readFrom(headerBytes.flip(), object);
        requireSame(object, "archive id", header.archive(), archive);
        long footerOffset = objectBytes - SnapshotFooter.BYTES;
        if (footerOffset < SnapshotHeader.BYTES) {
            throw new FormatException.Truncated(
                    object,
                    0,
                    "snapshot",
                    objectBytes,
                    SnapshotHeader.BYTES + SnapshotFooter.BYTES);
        }
        ByteBuffer footerBytes = ByteBuffer.allocate(SnapshotFooter.BYTES);
        ObjectReads.read(store, object, footerOffset, footerBytes);
        SnapshotFooter footer =
                SnapshotFooter.readFrom(footerBytes.flip(), header, object, objectBytes);
        // Not larger than the object: its place was held against the object's size.
        ByteBuffer index = ByteBuffer.allocate(footer.indexBytes());
        if (index.hasRemaining()) {
            ObjectReads.read(store, object, footer.indexOffset(), index);
        }
        SnapshotFooter.checkDigest(footerBytes, headerBytes, index.flip(), object, objectBytes);
        requireSame(object, "replayFrom", header.replayFrom(), replayFrom);
        return new SnapshotReader(store, object, header, footer, index);
    }

    private long[] offsets() throws FormatException {
        long[] starts = new long[blockCount()];
        long offset = SnapshotHeader.BYTES;
        for (int i = 0; i < starts.length; i++) {
            starts[i] = offset;
            int stored = storedBytes(i);
            if (stored < 1 || stored > rawBytes(i)) {
                throw bad(
                        "stored length of block " + i,
                        Integer.toUnsignedString(stored),
                        "1 to " + rawBytes(i));
            }
            offset += stored;
        }
        if (offset != footer.indexOffset()) {
            throw bad(
                    "offset of the index", footer.indexOffset(), offset + ", where the blocks end");
        }
        return starts;
    }

    private FormatException bad(String field, Object found, String wanted) {
        return new FormatException.BadField(
                object, footer.indexOffset(), field, found.toString(), wanted);
    }

    private static void requireSame(String object, String field, Object found, Object wanted)
            throws FormatException {
        if (!found.equals(wanted)) {
            throw new FormatException.BadField(
                    object, 0, field, found.toString(), wanted.toString());
        }
    }

    /// Its header.
    public SnapshotHeader header() {
        return header;
    }

    /// Its footer.
    public SnapshotFooter footer() {
        return footer;
    }

    /// Name of the object.
    public String object() {
        return object;
    }

    /// Size of the object.
    public long objectBytes() {
        return objectBytes;
    }

    /// How many blocks it has; their indexes begin with 0.
    public int blockCount() {
        return footer.blockCount();
    }

    /// Number of the first page of a block.
    public long firstPage(int block) {
        return (long) block * header.pagesPerBlock() + 1;
    }

    /// How many pages a block holds.
    public int pageCount(int block) {
        return (int) Math.min(header.pagesPerBlock(), footer.pagesCopied() - firstPage(block) + 1);
    }

    /// Raw size of a block.
    public int rawBytes(int block) {
        return pageCount(block) * header.pageSize().bytes();
    }

    /// Compressed size of a block.
    public int storedBytes(int block) {
        return index.getInt(block * SnapshotFooter.INDEX_ENTRY_BYTES);
    }

    private Digest digest(int block) {
        return Digest.readFrom(index, block * SnapshotFooter.INDEX_ENTRY_BYTES + Integer.BYTES);
    }

    /// What comes before the blocks, as it is stored.
    public ByteBuffer head() {
        ByteBuffer bytes = ByteBuffer.allocate(SnapshotHeader.BYTES);
        header.writeTo(bytes);
        return bytes;
    }

    /// What comes behind the blocks, as it is stored.
    public ByteBuffer tail() {
        ByteBuffer bytes = ByteBuffer.allocate(index.limit() + SnapshotFooter.BYTES);
        footer.writeTo(bytes.slice(index.limit(), SnapshotFooter.BYTES), head(), index.duplicate());
        return bytes.put(0, index, 0, index.limit());
    }

    /// Told before each block; ends the work by an exception.
    @FunctionalInterface
    public interface Step {
        void next() throws IOException;
    }

    /// Reads all blocks, and holds each against its digest.
    public void prove(Step step) throws IOException, FormatException {
        try (Blocks blocks = blocks()) {
            for (int block = 0; block < blockCount(); block++) {
                step.next();
                ByteBuffer _ = blocks.stored(block);
            }
        }
    }

    /// Buffers with which one thread reads blocks.
    public Blocks blocks() {
        return new Blocks(this);
    }

    /// Reads blocks into memory of its own. Owned by one thread.
    public static final class Blocks implements AutoCloseable {
        private final SnapshotReader snapshot;
        private final Arena arena = Arena.ofShared();
        private final BlockCodec codec;
        private final MemorySegment raw;
        private final ByteBuffer rawBytes;
        private final ByteBuffer stored;
        private final MessageDigest sha256 = Digest.sha256();

        private Blocks(SnapshotReader snapshot) {
            this.snapshot = snapshot;
            codec = BlockCodec.of(snapshot.header.codec());
            int largest = snapshot.blockCount() == 0 ? 0 : snapshot.rawBytes(0);
            raw = arena.allocate(largest);
            rawBytes = raw.asByteBuffer();
            stored = arena.allocate(largest).asByteBuffer();
        }

        /// The raw pages of a block, valid until the next call. Checked against the digest before
        /// they are decompressed.
        public MemorySegment read(int block) throws IOException, FormatException {
            ByteBuffer proven = stored(block);
            int bytes = snapshot.rawBytes(block);
            codec.decompress(
                    proven,
                    rawBytes.clear().limit(bytes),
                    snapshot.object,
                    snapshot.offsets[block]);
            return raw.asSlice(0, bytes);
        }

        /// A block as it is stored, checked against the digest; valid until the next call.
        public ByteBuffer stored(int block) throws IOException, FormatException {
            long offset = snapshot.offsets[block];
            stored.clear().limit(snapshot.storedBytes(block));
            ObjectReads.read(snapshot.store, snapshot.object, offset, stored);
            sha256.reset();
            sha256.update(stored.flip());
            Digest found = Digest.of(sha256);
            Digest wanted = snapshot.digest(block);
            if (!found.equals(wanted)) {
                throw new FormatException.DigestMismatch(
                        snapshot.object,
                        offset,
                        "block " + block,
                        found.toString(),
                        wanted.toString());
            }
            return stored.rewind();
        }

        @Override
        public void close() {
            codec.close();
            arena.close();
        }
    }
}
