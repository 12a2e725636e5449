package dev.holdfast.replicator;

import dev.holdfast.format.PageSize;
import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalIndexStep;
import dev.holdfast.wal.WalOverlayStep;

import java.io.IOException;
import java.time.Duration;

/// A live database with frames in its WAL that SQLite committed without a checksum: it reads them
/// on the word of the wal-index, and its recovery would drop them. Where they are copied back
/// already, recovery lays the frames before them over what came after: the database is corrupt.
///
/// So it is kept open, as no SQLite recovers what another has open, until all is copied back and
/// the WAL is begun anew. Nothing is pinned meanwhile. Owned by the capture thread.
final class UnsealedWal {
    /// How long a reader may keep the WAL from being emptied before it is followed as it is.
    private static final long PATIENCE_NANOS = Duration.ofSeconds(3).toNanos();

    private final LiveDatabase live;
    private final PageSize pageSize;
    private final Timekeeper time;
    private final long since;

    UnsealedWal(LiveDatabase live, PageSize pageSize, Timekeeper time) {
        this.live = live;
        this.pageSize = pageSize;
        this.time = time;
        this.since = time.nanoTime();
    }

    LiveDatabase live() {
        return live;
    }

    PageSize pageSize() {
        return pageSize;
    }

    /// Does what can be done without waiting. True, and pinned, if the database can be followed.
    boolean mend() throws IOException, LiveDatabaseException {
        live.letGoOfAll();
        boolean _ = live.checkpointPassively();
        boolean isEmptied = isBackfilled() && live.emptyWal();
        boolean isReadable = live.takeAgain() && isReadable(isEmptied);
        if (!isReadable) {
            // Else the application's own checkpoints, one after the other, would find us there
            live.letGoOfAll();
        }
        return isReadable;
    }

    private boolean isBackfilled() throws IOException {
        return live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader oracle)
                && oracle.isBackfilled();
    }

    private boolean isReadable(boolean isEmptied) throws IOException {
        if (!(live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader oracle))) {
            return false;
        }
        boolean isPatienceOver = time.nanoTime() - since >= PATIENCE_NANOS;
        return (oracle.isBackfilled() && (isEmptied || isPatienceOver))
                || live.wal().overlay(oracle.end()) instanceof WalOverlayStep.Found;
    }
}
