package dev.holdfast.storage.archive;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.Codec;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.WriterId;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;

/// Writes segments into files, one after another. Owned by one thread.
///
/// The compressor's stream lives from segment to segment, so the bodies of one writer must be
/// stored in the order in which they were sealed, each of them. A small segment is gathered in
/// memory and written at once; a larger one goes to its file while it grows.
///
/// Nothing is forced to disk: the caller forces the file before it depends on what [#seal]
/// returned.
@SuppressWarnings("DoNotCallSuggester")
public final class SegmentWriter implements AutoCloseable {

    /// @param windowLog2 of the zstd stream, as of
    ///   [dev.holdfast.storage.codec.BodyCompressor#windowLog2For]; not looked at with LZ4. For
    ///   another window make another writer.
    public SegmentWriter(ArchiveId archive, WriterId writer, Codec codec, int windowLog2) {
        throw new UnsupportedOperationException("not yet");
    }

    /// Whether the next segment with records must be a reset: it is the first one of this writer,
    /// or comes after a claim or an abandoned one, or the codec has no memory.
    public boolean needsReset() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Begins a segment at `offset` of `file`, which is open for reading and writing and not
    /// written there by anybody else until the segment is sealed.
    public void begin(SegmentStart start, FileChannel file, long offset) {
        throw new UnsupportedOperationException("not yet");
    }

    /// Begins the next record, once the one before has all its pages. Its pages must follow.
    public void record(RecordHeader header) throws IOException {
        throw new UnsupportedOperationException("not yet");
    }

    /// The next page of the record: ascending, within the database, never the lock page.
    ///
    /// @param image one page, copied before this returns
    public void page(long pageNumber, MemorySegment image) throws IOException {
        throw new UnsupportedOperationException("not yet");
    }

    /// Whether a segment has been begun and neither sealed nor abandoned.
    public boolean isOpen() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Records of the open segment, the unfinished one included.
    public int recordCount() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Uncompressed bytes of the open segment so far.
    public long rawBytes() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Bytes of the open segment that have left the compressor, header included; it may hold back
    /// up to 128 KiB raw.
    public long storedBytesSoFar() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Flushes the compressor and writes what is missing, the header last but for the digest. The
    /// file is whole then, but not forced.
    public SealedSegment seal() throws IOException {
        throw new UnsupportedOperationException("not yet");
    }

    /// Gives the open segment up, if there is one. What its file holds from its offset on means
    /// nothing. The next segment must be a reset.
    public void abandon() {
        throw new UnsupportedOperationException("not yet");
    }

    @Override
    public void close() {}
}
