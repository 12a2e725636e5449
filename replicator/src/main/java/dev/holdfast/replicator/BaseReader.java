package dev.holdfast.replicator;

import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalIndexStep;
import dev.holdfast.wal.WalOverlay;
import dev.holdfast.wal.WalPosition;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Finds the state from which history begins. A small database is read whole at once, while pinned,
/// so that its very first commits are restore points; a large one is left to the snapshotter, which
/// copies it while it moves.
final class BaseReader {
    /// Read from the page cache in about 10 ms: no longer than a pin may last.
    static final long SMALL_BYTES = 16 << 20;

    private final LiveDatabase live;
    private final PageSize pageSize;
    private final DatabaseScan scan;

    BaseReader(LiveDatabase live, PageSize pageSize) {
        this.live = live;
        this.pageSize = pageSize;
        this.scan = new DatabaseScan(live, pageSize);
    }

    /// @param oracle read while pinned
    Base read(WalIndexHeader oracle) throws IOException, LiveDatabaseException {
        long pages = scan.databasePages(oracle);
        if (pages * pageSize.bytes() > SMALL_BYTES) {
            return new Base(
                    new SourcePosition(oracle.end()), pages, Optional.empty(), Optional.empty());
        }
        Optional<WalPosition> start = live.wal().start(oracle);
        if (start.isPresent() && oracle.maxFrame() > 0 && isUntouched(oracle)) {
            long filePages = live.filePages(pageSize);
            Base beforeWal = small(new SourcePosition(start.get()), Optional.empty(), filePages);
            if (live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader after)
                    && isUntouched(after)) {
                return beforeWal;
            }
        }
        return small(new SourcePosition(oracle.end()), scan.overlay(oracle), pages);
    }

    /// Whether no frame of the WAL is in the file: then the file alone is the state before its
    /// first commit.
    private static boolean isUntouched(WalIndexHeader oracle) {
        return oracle.backfilled() == 0 && oracle.backfillAttempted() == 0;
    }

    private Base small(SourcePosition position, Optional<WalOverlay> overlay, long pages)
            throws IOException {
        MemorySegment image =
                Arena.ofAuto().allocate(Math.max(pages * pageSize.bytes(), 1), Long.BYTES);
        scan.read(overlay, 1, image.asSlice(0, pages * pageSize.bytes()));
        PageMap hashes = new PageMap(pageSize);
        DatabaseScan.hash(image, 1, (int) pages, pageSize, hashes);
        hashes.resize(pages);
        return new Base(position, pages, Optional.of(image), Optional.of(hashes));
    }
}
