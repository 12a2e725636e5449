package dev.holdfast.replicator;

import dev.holdfast.format.PageHash;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.wal.WalBreak;
import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalOverlay;
import dev.holdfast.wal.WalOverlayStep;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Reads all pages of a pinned database as they are at one commit: from the WAL where it has them,
/// else from the file.
///
/// Exact as long as the pin lasts: with frames that are not in the file yet, the pin keeps the WAL
/// from being reset and the file from getting newer frames; with none, nothing is copied back
/// before there are.
final class DatabaseScan {
    private static final int CHUNK_BYTES = 1 << 20;

    private final LiveDatabase live;
    private final PageSize pageSize;

    DatabaseScan(LiveDatabase live, PageSize pageSize) {
        this.live = live;
        this.pageSize = pageSize;
    }

    /// Size in pages of the database at `oracle`'s last commit.
    long databasePages(WalIndexHeader oracle) throws IOException {
        return oracle.databasePages() > 0 ? oracle.databasePages() : live.filePages(pageSize);
    }

    /// The pages that the WAL holds for `oracle`'s last commit; empty if the file has all of them.
    Optional<WalOverlay> overlay(WalIndexHeader oracle) throws IOException, LiveDatabaseException {
        if (oracle.isBackfilled()) {
            return Optional.empty();
        }
        return switch (live.wal().overlay(oracle.end())) {
            case WalOverlayStep.Found(WalOverlay overlay) -> Optional.of(overlay);
            case WalBreak found ->
                    throw new LiveDatabaseException("the WAL can't be read to its end: " + found);
        };
    }

    /// Hashes of the pages 1 to `databasePages`.
    PageMap hashes(Optional<WalOverlay> overlay, long databasePages) throws IOException {
        PageMap map = new PageMap(pageSize);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment chunk = arena.allocate(CHUNK_BYTES);
            int pagesPerChunk = CHUNK_BYTES / pageSize.bytes();
            for (long first = 1; first <= databasePages; first += pagesPerChunk) {
                int count = (int) Math.min(pagesPerChunk, databasePages - first + 1);
                read(overlay, first, chunk.asSlice(0, (long) count * pageSize.bytes()));
                hash(chunk, first, count, pageSize, map);
            }
        }
        map.resize(databasePages);
        return map;
    }

    /// Fills `into`, a whole number of pages, with the pages from `first` on.
    void read(Optional<WalOverlay> overlay, long first, MemorySegment into) throws IOException {
        live.readPages(pageSize.offsetOf(first), into);
        if (overlay.isPresent()) {
            long count = into.byteSize() / pageSize.bytes();
            for (long i = 0; i < count; i++) {
                overlay.get().read(first + i, into.asSlice(i * pageSize.bytes(), pageSize.bytes()));
            }
        }
    }

    /// Sets the hashes of `count` pages that lie one after another in `pages`.
    static void hash(MemorySegment pages, long first, int count, PageSize pageSize, PageMap into) {
        for (int i = 0; i < count; i++) {
            long page = first + i;
            if (page != pageSize.lockPage()) {
                into.set(
                        page,
                        PageHash.of(pages, (long) i * pageSize.bytes(), pageSize.bytes(), page));
            }
        }
    }
}
