package dev.holdfast.storage.archive;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.SnapshotFooter;
import dev.holdfast.format.SnapshotHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.ObjectStore;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A snapshot whose header, index and footer were read and checked against their digest. Immutable:
/// several threads may use it, each with blocks of its own.
@SuppressWarnings("DoNotCallSuggester")
public final class SnapshotReader {
    private SnapshotReader() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Reads and checks all but the blocks, by ranged reads.
    public static SnapshotReader open(ObjectStore store, long seq, ArchiveId archive)
            throws IOException, FormatException {
        throw new UnsupportedOperationException("not yet");
    }

    public SnapshotHeader header() {
        throw new UnsupportedOperationException("not yet");
    }

    public SnapshotFooter footer() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Name of the object.
    public String object() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Size of the object.
    public long objectBytes() {
        throw new UnsupportedOperationException("not yet");
    }

    public int blockCount() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Number of the first page of a block; block indexes begin with 0.
    public long firstPage(int block) {
        throw new UnsupportedOperationException("not yet");
    }

    /// How many pages a block holds.
    public int pageCount(int block) {
        throw new UnsupportedOperationException("not yet");
    }

    /// Compressed size of a block.
    public int storedBytes(int block) {
        throw new UnsupportedOperationException("not yet");
    }

    /// Buffers with which one thread reads blocks.
    public Blocks blocks() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Reads blocks into memory of its own. Owned by one thread.
    public static final class Blocks implements AutoCloseable {
        private Blocks() {}

        /// The raw pages of a block, valid until the next call. Checked against the digest before
        /// they are decompressed.
        public MemorySegment read(int block) throws IOException, FormatException {
            throw new UnsupportedOperationException("not yet");
        }

        @Override
        public void close() {}
    }
}
