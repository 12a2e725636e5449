package dev.holdfast.storage.archive;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.Digest;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.SnapshotFooter;
import dev.holdfast.format.SnapshotHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.codec.BlockCodec;
import dev.holdfast.storage.seal.KeyRing;
import dev.holdfast.storage.seal.SnapshotSeal;
import dev.holdfast.storage.seal.WrappedKey;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Optional;

/// A snapshot whose header, index and footer were read and checked against their digest. Immutable:
/// several threads may use it, each with blocks of its own.
public final class SnapshotReader {
    private final ObjectStore store;
    private final String object;
    private final long objectBytes;
    private final SnapshotHeader header;
    private final SnapshotFooter footer;
    private final SnapshotHead head;

    /// And the sealed checksum behind it, if there is one.
    private final ByteBuffer index;

    private final KeyRing keys;
    private final long[] offsets;

    private SnapshotReader(
            ObjectStore store,
            SnapshotHead head,
            SnapshotFooter footer,
            ByteBuffer index,
            KeyRing keys)
            throws FormatException {
        this.store = store;
        this.object = head.object();
        this.objectBytes = footer.indexOffset() + index.limit() + SnapshotFooter.BYTES;
        this.header = head.header();
        this.footer = footer;
        this.head = head;
        this.index = index;
        this.keys = keys;
        this.offsets = offsets();
    }

    /// As the other one, for whoever has no key: what is encrypted is not opened.
    public static SnapshotReader open(ObjectStore store, long replayFrom, ArchiveId archive)
            throws IOException, FormatException {
        return open(store, replayFrom, archive, KeyRing.EMPTY);
    }

    /// Reads and checks all but the blocks, by three ranged reads, or by four of one that is
    /// encrypted. Needs no key.
    ///
    /// @param keys opens it when that is asked for
    public static SnapshotReader open(
            ObjectStore store, long replayFrom, ArchiveId archive, KeyRing keys)
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
        SnapshotHead head = SnapshotHead.read(store, object, header, footer.indexOffset());
        // Not larger than the object: its place was held against the object's size.
        ByteBuffer index =
                ByteBuffer.allocate(
                        footer.indexBytes() + SnapshotFooter.sealedChecksumBytes(header));
        if (index.hasRemaining()) {
            ObjectReads.read(store, object, footer.indexOffset(), index);
        }
        SnapshotFooter.checkDigest(footerBytes, head.stored(), index.flip(), object, objectBytes);
        requireSame(object, "replayFrom", header.replayFrom(), replayFrom);
        return new SnapshotReader(store, head, footer, index, keys);
    }

    private long[] offsets() throws FormatException {
        long[] starts = new long[blockCount()];
        long offset = head.stored().remaining();
        int overhead = head.overheadBytes();
        for (int i = 0; i < starts.length; i++) {
            starts[i] = offset;
            int stored = storedBytes(i);
            if (stored < 1 + overhead || stored > rawBytes(i) + overhead) {
                throw bad(
                        "stored length of block " + i,
                        Integer.toUnsignedString(stored),
                        (1 + overhead) + " to " + (rawBytes(i) + overhead));
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
        return head.stored();
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
        try (Blocks blocks = storedBlocks()) {
            blocks.readOn(blockCount());
            for (int block = 0; block < blockCount(); block++) {
                step.next();
                ByteBuffer _ = blocks.stored(block);
            }
        }
    }

    /// The data key that it was sealed with, as it is stored; empty if it is not encrypted.
    public Optional<WrappedKey> dataKey() {
        return head.dataKey();
    }

    /// The state checksum of the database at `consistentAt`.
    ///
    /// @throws dev.holdfast.format.failure.SidecarException if it is encrypted and no identity
    ///   opens it
    public long stateChecksum() throws IOException, FormatException {
        Optional<SnapshotSeal> seal = head.open(keys);
        if (seal.isEmpty()) {
            return footer.stateChecksum();
        }
        int indexBytes = footer.indexBytes();
        ByteBuffer sealed = index.slice(indexBytes, index.limit() - indexBytes);
        return seal.get()
                .blocks()
                .openChecksum(
                        blockCount(),
                        sealed,
                        footer.binding(head(), index.slice(0, indexBytes)),
                        object,
                        footer.indexOffset() + indexBytes);
    }

    /// Buffers with which one thread reads blocks.
    ///
    /// @throws dev.holdfast.format.failure.SidecarException if it is encrypted and no identity
    ///   opens it
    public Blocks blocks() throws IOException, FormatException {
        return new Blocks(this, head.open(keys));
    }

    /// Buffers with which one thread reads blocks as they are stored, for which no key is needed.
    public Blocks storedBlocks() {
        return new Blocks(this, Optional.empty());
    }

    /// Reads blocks into memory of its own. Owned by one thread.
    public static final class Blocks implements AutoCloseable {
        /// The most bytes that are read at once, of blocks that lie one behind the other: each
        /// request to a bucket costs some 30 ms.
        public static final int MOST_TOGETHER = 8 << 20;

        private final SnapshotReader snapshot;
        private final Arena arena = Arena.ofShared();
        private final BlockCodec codec;
        private final MemorySegment raw;
        private final ByteBuffer rawBytes;
        private final SnapshotSeal.@Nullable Blocks seal;

        /// Of what was sealed.
        private final ByteBuffer compressed;

        private final MessageDigest sha256 = Digest.sha256();

        /// Blocks as they are stored, from `heldFrom` to before `heldEnd`.
        private ByteBuffer held;

        private int heldFrom;
        private int heldEnd;
        private int wantedEnd;

        private Blocks(SnapshotReader snapshot, Optional<SnapshotSeal> seal) {
            this.snapshot = snapshot;
            codec = BlockCodec.of(snapshot.header.codec());
            int largest = snapshot.blockCount() == 0 ? 0 : snapshot.rawBytes(0);
            raw = arena.allocate(largest);
            rawBytes = raw.asByteBuffer();
            held = arena.allocate(largest + snapshot.head.overheadBytes()).asByteBuffer();
            this.seal = seal.map(SnapshotSeal::blocks).orElse(null);
            compressed = arena.allocate(this.seal == null ? 0 : largest).asByteBuffer();
        }

        /// The raw pages of a block, valid until the next call. Checked against the digest before
        /// they are decompressed.
        public MemorySegment read(int block) throws IOException, FormatException {
            ByteBuffer proven = opened(block, stored(block));
            int bytes = snapshot.rawBytes(block);
            codec.decompress(
                    proven,
                    rawBytes.clear().limit(bytes),
                    snapshot.object,
                    snapshot.offsets[block]);
            return raw.asSlice(0, bytes);
        }

        private ByteBuffer opened(int block, ByteBuffer proven) throws FormatException {
            if (seal == null) {
                if (snapshot.header.isSealed()) {
                    throw new IllegalStateException("these blocks are read as they are stored");
                }
                return proven;
            }
            long at = snapshot.offsets[block];
            seal.open(
                    block, snapshot.blockCount(), proven, compressed.clear(), snapshot.object, at);
            return compressed.flip();
        }

        /// All blocks before `end` will be read, in their order: those that there is room for come
        /// with one request.
        public void readOn(int end) {
            wantedEnd = end;
        }

        /// A block as it is stored, checked against the digest; valid until the next call.
        public ByteBuffer stored(int block) throws IOException, FormatException {
            if (block < heldFrom || block >= heldEnd) {
                fetch(block);
            }
            long offset = snapshot.offsets[block];
            int at = (int) (offset - snapshot.offsets[heldFrom]);
            ByteBuffer stored = held.slice(at, snapshot.storedBytes(block));
            sha256.reset();
            sha256.update(stored);
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

        private void fetch(int block) throws IOException, FormatException {
            heldEnd = heldFrom; // whatever comes of it
            int bytes = snapshot.storedBytes(block);
            int end = block + 1;
            while (end < wantedEnd && bytes + snapshot.storedBytes(end) <= MOST_TOGETHER) {
                bytes += snapshot.storedBytes(end);
                end++;
            }
            if (bytes > held.capacity()) {
                long most = Math.min(MOST_TOGETHER, snapshot.objectBytes);
                held = arena.allocate(most).asByteBuffer();
            }
            ObjectReads.read(
                    snapshot.store,
                    snapshot.object,
                    snapshot.offsets[block],
                    held.clear().limit(bytes));
            heldFrom = block;
            heldEnd = end;
        }

        @Override
        public void close() {
            codec.close();
            arena.close();
        }
    }
}
