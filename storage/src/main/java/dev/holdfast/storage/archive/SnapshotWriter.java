package dev.holdfast.storage.archive;

import dev.holdfast.format.SnapshotHeader;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ObjectUpload;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Executor;

/// Streams a snapshot into an upload: `block`, fill, `add`, again and again, then `commit`. Owned
/// by one thread.
///
/// Blocks are compressed by `executor` while the owner reads on; at most `blocksInWork` are held,
/// each with its raw and its compressed bytes. They are written by the owner, in order. The upload
/// stays the caller's to close.
@SuppressWarnings("DoNotCallSuggester")
public final class SnapshotWriter implements AutoCloseable {

    /// @param executor compresses; `Runnable::run` does it in the owner's thread
    /// @param blocksInWork one more than the executor has threads keeps all of them busy
    public SnapshotWriter(
            ObjectUpload upload, SnapshotHeader header, Executor executor, int blocksInWork) {
        throw new UnsupportedOperationException("not yet");
    }

    /// Room for the pages of the next block, [SnapshotHeader#blockBytes] long. Waits until the
    /// oldest block is compressed and writes it if there is no other room.
    public MemorySegment block() throws IOException {
        throw new UnsupportedOperationException("not yet");
    }

    /// Takes the block that [#block] gave, with its first `pages` pages; fewer than
    /// [SnapshotHeader#pagesPerBlock] only in the last one. Page 1 of block 0 is page 1 of the
    /// database; the lock page is zeroed here.
    public void add(int pages) throws IOException {
        throw new UnsupportedOperationException("not yet");
    }

    /// Pages added so far.
    public long pagesCopied() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Bytes written to the upload so far.
    public long storedBytes() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Writes what is left, index and footer, and commits the upload, whose name must be that of
    /// `point`.
    public CreateOutcome commit(SnapshotPoint point) throws IOException {
        throw new UnsupportedOperationException("not yet");
    }

    /// Waits for blocks that are being compressed, and frees the room.
    @Override
    public void close() {}
}
