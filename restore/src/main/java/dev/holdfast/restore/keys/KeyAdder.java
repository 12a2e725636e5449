package dev.holdfast.restore.keys;

import dev.holdfast.format.Digest;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogReader;
import dev.holdfast.storage.archive.SnapshotReader;
import dev.holdfast.storage.seal.FurtherWraps;
import dev.holdfast.storage.seal.Recipient;
import dev.holdfast.storage.seal.WrappedKey;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/// Wraps each data key of an archive for one more recipient (`docs/format.md`, section 8.4). What
/// is there already is left as it is, so that one that was stopped goes on.
public final class KeyAdder {
    private final Archive archive;
    private final Recipient recipient;
    private final boolean isDryRun;
    private final Progress progress;
    private final CountDownLatch stop;
    private final Set<Digest> seen = new HashSet<>();
    private long added;

    /// How it goes.
    @FunctionalInterface
    public interface Progress {
        /// Told after each segment.
        ///
        /// @param seq of the segment that was looked at last
        void report(long seq, long dataKeys);
    }

    /// What came of it.
    ///
    /// @param dataKeys of the archive
    /// @param added wraps that were stored, or would be
    public record Result(long dataKeys, long added) {}

    /// Of an archive whose keys one of the identities opens.
    ///
    /// @param stop ends it once it is counted down
    public KeyAdder(
            Archive archive,
            Recipient recipient,
            boolean isDryRun,
            Progress progress,
            CountDownLatch stop) {
        this.archive = archive;
        this.recipient = recipient;
        this.isDryRun = isDryRun;
        this.progress = progress;
        this.stop = stop;
    }

    /// Does it.
    ///
    /// @throws dev.holdfast.format.failure.SidecarException if no identity opens one of them
    public Result run() throws IOException, FormatException {
        for (long name : archive.snapshots()) {
            SnapshotReader snapshot = archive.snapshot(name);
            add(snapshot.dataKey(), snapshot.object());
        }
        try (LogReader log = archive.log(1)) {
            for (Optional<SegmentHeader> next = log.next(); next.isPresent(); next = log.next()) {
                Optional<WrappedKey> key = log.dataKey().filter(it -> !seen.contains(it.digest()));
                if (key.isPresent()) {
                    log.verify();
                    add(key, log.object().name());
                } else {
                    log.skip();
                }
                progress.report(next.get().seq(), seen.size());
                checkStop();
            }
        }
        return new Result(seen.size(), added);
    }

    private void checkStop() throws InterruptedIOException {
        if (stop.getCount() == 0) {
            throw new InterruptedIOException("stopped");
        }
    }

    private void add(Optional<WrappedKey> key, String object) throws IOException, FormatException {
        if (key.isEmpty() || !seen.add(key.get().digest())) {
            return;
        }
        Digest wrap = key.get().digest();
        if (FurtherWraps.isThere(archive.store(), wrap, recipient)) {
            return;
        }
        WrappedKey again = archive.keys().wrapAgain(key.get(), recipient, object);
        boolean isAdded =
                isDryRun
                        || FurtherWraps.create(archive.store(), wrap, recipient, again)
                                instanceof CreateOutcome.Created;
        added += isAdded ? 1 : 0;
    }
}
