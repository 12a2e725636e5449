package dev.holdfast.restore;

import java.util.concurrent.CountDownLatch;

/// Counts what was fetched, tells of it, and notices a stop. Used by one thread at a time.
final class RestoreMeter {
    private final RestoreProgress progress;
    private final CountDownLatch stop;
    private final long totalBytes;
    private long doneBytes;

    RestoreMeter(RestoreProgress progress, CountDownLatch stop, long totalBytes) {
        this.progress = progress;
        this.stop = stop;
        this.totalBytes = totalBytes;
    }

    void advance(RestoreProgress.Phase phase, long bytes) throws RestoreStopped {
        checkStop();
        doneBytes += bytes;
        progress.report(phase, doneBytes, totalBytes);
    }

    /// May be called by any thread.
    void checkStop() throws RestoreStopped {
        if (stop.getCount() == 0) {
            throw new RestoreStopped();
        }
    }
}
