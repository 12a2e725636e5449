package dev.holdfast.storage.archive;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.Codec;
import dev.holdfast.format.Digest;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.codec.BodyCompressor;
import dev.holdfast.storage.seal.BodySealer;
import dev.holdfast.storage.seal.DataKey;
import dev.holdfast.storage.seal.SealedObject;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;

/// Writes segments with records into files, one after another; a claim has none. Owned by one
/// thread.
///
/// The compressor's stream lives from segment to segment, so the bodies of one writer must be
/// stored in the order in which they were sealed, each of them. A small segment is gathered in
/// memory and written at once; a larger one goes to its file while it grows.
///
/// Nothing is forced to disk: the caller forces the file before it depends on what [#seal]
/// returned. What readers would refuse is not sealed. After an `IOException` the open segment can
/// only be abandoned.
public final class SegmentWriter implements AutoCloseable {
    private final ArchiveId archive;
    private final WriterId writer;
    private final Codec codec;
    private final int windowLog2;
    private final BodyCompressor compressor;
    private final SegmentFile out = new SegmentFile();
    private final @Nullable BodySealer sealer;

    /// Takes what the compressor gives.
    private final BodyCompressor.Sink body;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment recordHeader = arena.allocate(RecordHeader.BYTES);
    private final GatheredPages pages = new GatheredPages(arena);

    private @Nullable SealedSegment before;
    private @Nullable OpenSegment open;
    private boolean needsReset = true;

    /// Set while a step is under way: if it throws, the stream and the file are in an unknown
    /// state.
    private boolean isBroken;

    /// @param windowLog2 of the zstd stream, as of [BodyCompressor#windowLog2For]; not looked at
    ///   with LZ4. For another window make another writer.
    public SegmentWriter(ArchiveId archive, WriterId writer, Codec codec, int windowLog2) {
        this(archive, writer, codec, windowLog2, Optional.empty());
    }

    /// The same with encryption.
    ///
    /// @param windowLog2 as above
    /// @param dataKey what bodies are encrypted with; empty if they are not
    public SegmentWriter(
            ArchiveId archive,
            WriterId writer,
            Codec codec,
            int windowLog2,
            Optional<DataKey> dataKey) {
        this.archive = archive;
        this.writer = writer;
        this.codec = codec;
        this.windowLog2 = codec == Codec.ZSTD ? windowLog2 : 0;
        this.compressor = BodyCompressor.of(codec, windowLog2);
        this.sealer = dataKey.map(BodySealer::new).orElse(null);
        this.body = sealer == null ? out : sealer;
    }

    /// Whether the next segment must be a reset: it is the first one of this writer, or comes after
    /// an abandoned one, or the codec has no memory.
    public boolean needsReset() {
        return needsReset || codec == Codec.LZ4;
    }

    /// Begins a segment at `offset` of `file`, which is open for reading and writing and not
    /// written there by anybody else until the segment is sealed.
    public void begin(SegmentStart start, FileChannel file, long offset) {
        require(open == null, "a segment is open");
        require(start.isReset() || !needsReset(), "reset " + start.isReset());
        out.begin(file, offset);
        if (sealer != null) {
            SealedObject object = SealedObject.segment(archive, start.seq(), writer);
            sealer.begin(object, start.isReset(), out);
        }
        open = new OpenSegment(start);
        isBroken = false;
        compressor.begin(start.isReset());
        needsReset = false;
    }

    /// Begins the next record, once the one before has all its pages. Its pages must follow.
    public void record(RecordHeader header) throws IOException {
        OpenSegment segment = whole();
        segment.add(header);
        isBroken = true;
        header.writeTo(recordHeader.asByteBuffer());
        compressor.write(recordHeader, body);
        pages.beginRecord();
        isBroken = false;
    }

    /// The next page of the record: ascending, within the database, never the lock page.
    ///
    /// @param image one page, copied before this returns
    public void page(long pageNumber, MemorySegment image) throws IOException {
        OpenSegment segment = whole();
        segment.addPage(pageNumber, image.byteSize());
        pages.add(pageNumber, image);
        if (pages.isFull(segment.pageSize()) || segment.isRecordWhole()) {
            isBroken = true;
            pages.writeTo(compressor, body);
            isBroken = false;
        }
    }

    /// Whether a segment has been begun and neither sealed nor abandoned.
    public boolean isOpen() {
        return open != null;
    }

    /// Records of the open segment, the unfinished one included.
    public int recordCount() {
        return opened().recordCount();
    }

    /// Uncompressed bytes of the open segment so far.
    public long rawBytes() {
        return opened().rawBytes();
    }

    /// Flushes the compressor and writes what is missing, the header last but for the digest. The
    /// file is whole then, but not forced.
    public SealedSegment seal() throws IOException {
        OpenSegment segment = whole();
        segment.requireWhole();
        isBroken = true;
        compressor.flush(body);
        boolean isSealed = sealer != null;
        long bodyBytes = out.bodyBytes() + (sealer == null ? 0 : sealer.endBytes());
        SegmentHeader header =
                segment.header(archive, writer, codec, windowLog2, isSealed, bodyBytes);
        ByteBuffer headerBytes = ByteBuffer.allocate(SegmentHeader.BYTES);
        header.writeTo(headerBytes);
        check(headerBytes);
        if (sealer != null) {
            sealer.end(headerBytes.slice(0, SegmentHeader.CRC_AT));
        }
        long offset = out.offset();
        Digest digest = out.end(headerBytes);
        before = new SealedSegment(header, digest, offset);
        open = null;
        return before;
    }

    /// Reads the header back, as readers will.
    private void check(ByteBuffer headerBytes) {
        try {
            SegmentHeader header = SegmentHeader.readFrom(headerBytes, "segment to be written", 0);
            if (before != null) {
                header.checkFollows(before.header(), before.digest(), "segment to be written", 0);
            }
        } catch (FormatException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Gives the open segment up, if there is one. What its file holds from its offset on means
    /// nothing. The next segment must be a reset.
    public void abandon() {
        if (open != null) {
            open = null;
            needsReset = true;
        }
    }

    @Override
    public void close() {
        open = null;
        compressor.close();
        if (sealer != null) {
            sealer.close();
        }
        out.close();
        arena.close();
    }

    private OpenSegment whole() {
        require(!isBroken, "an earlier step failed; abandon the segment");
        return opened();
    }

    private OpenSegment opened() {
        if (open == null) {
            throw new IllegalStateException("no segment is open");
        }
        return open;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
