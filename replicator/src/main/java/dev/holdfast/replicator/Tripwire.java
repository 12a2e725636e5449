package dev.holdfast.replicator;

import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalIndexStep;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Optional;

/// Notices that the database file was written by something else than SQLite: by a backup that was
/// copied over it, say.
///
/// Once all of the WAL is copied back, no SQLite writes to the file before it has committed
/// something new; and while nobody else has the database open, only our own checkpoints do. But
/// because we keep the WAL alive after the application has closed, SQLite would go on to read old
/// pages from it, over the new file; so we let go as soon as we see it. Owned by the capture
/// thread.
final class Tripwire {
    private final LiveDatabase live;
    private @Nullable WalIndexHeader oracle;
    private @Nullable FileStamp stamp;

    Tripwire(LiveDatabase live) {
        this.live = live;
    }

    /// Looks at the file.
    ///
    /// @param now that shows nothing new to read
    void check(WalIndexHeader now) throws IOException, LiveDatabaseException {
        Optional<FileStamp> found = live.files().stampInPlace(now);
        if (found.isEmpty()) {
            return;
        }
        if (!now.isBackfilled() && live.isOpenElsewhere()) {
            oracle = null;
            return;
        }
        if (!now.equals(oracle)) {
            oracle = now;
            stamp = found.get();
        } else if (!found.get().equals(stamp) && isStill(now)) {
            throw LiveDatabaseException.overwritten(
                    "the database file was written past its WAL, as by copying another file over"
                            + " it");
        }
    }

    /// A copy of ours may have failed when it had written some pages: what the file is like now is
    /// not known.
    void forget() {
        oracle = null;
    }

    /// Whether nothing was committed between the look at the oracle and that at the file.
    private boolean isStill(WalIndexHeader now) throws IOException {
        return live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader again)
                && again.equals(now);
    }
}
