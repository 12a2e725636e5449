package dev.holdfast.storage.state;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;

import java.nio.ByteBuffer;

/// The page map of the database at a point of the log.
///
/// @param source where in the database's own files that point is, in the replicator's encoding;
///   empty after a restore
public record SavedPages(
        ArchiveId archive, LogPoint point, PageSize pageSize, PageMap pages, ByteBuffer source) {
    /// The most that `source` may be.
    public static final int MAX_SOURCE_BYTES = 64;

    public SavedPages {
        if (source.remaining() > MAX_SOURCE_BYTES) {
            throw new IllegalArgumentException(
                    "source: wanted at most 64 bytes, found " + source.remaining());
        }
        source = source.slice().asReadOnlyBuffer();
    }

    /// Whether nothing was captured since a restore left it.
    public boolean isRestored() {
        return !source.hasRemaining();
    }

    @Override
    public ByteBuffer source() {
        return source.duplicate();
    }
}
