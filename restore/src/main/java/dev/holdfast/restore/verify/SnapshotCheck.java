package dev.holdfast.restore.verify;

import dev.holdfast.format.failure.FormatException;
import dev.holdfast.restore.LogReplay;
import dev.holdfast.restore.RecordApplier;
import dev.holdfast.restore.ReplayedState;
import dev.holdfast.restore.SnapshotCopy;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogSegment;
import dev.holdfast.storage.archive.SnapshotPlace;
import dev.holdfast.storage.archive.SnapshotReader;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/// Checks one snapshot by itself: each block, and the state once the log has repaired the copy.
final class SnapshotCheck {
    private final Archive archive;
    private final Findings findings;
    private final CountDownLatch stop;

    SnapshotCheck(Archive archive, Findings findings, CountDownLatch stop) {
        this.archive = archive;
        this.findings = findings;
        this.stop = stop;
    }

    /// Opens a snapshot, and so checks all but its blocks.
    Optional<SnapshotReader> open(long name) throws IOException {
        try {
            return Optional.of(archive.snapshot(name));
        } catch (FormatException e) {
            findings.violation(Finding.of(e));
            return Optional.empty();
        }
    }

    /// Checks the blocks as they are stored, and where the snapshot stands in the chain: all that
    /// needs no key.
    ///
    /// @param at the segment at which it is consistent, if that is there
    void checkStored(SnapshotReader snapshot, Optional<LogSegment> at) throws IOException {
        try {
            if (at.isPresent()) {
                SnapshotPlace.check(snapshot, at.get());
            }
            snapshot.prove(this::checkStop);
            findings.goodSnapshot(snapshot.objectBytes());
            findings.sealed();
        } catch (FormatException e) {
            findings.violation(Finding.of(e));
        }
    }

    /// Checks the blocks, and what they are once the log is applied.
    ///
    /// @return the database at the snapshot's `consistentAt`; empty if it is not what was promised
    Optional<RecordApplier> check(SnapshotReader snapshot) throws IOException {
        try {
            ReplayedState copied =
                    SnapshotCopy.read(snapshot, SnapshotCopy.Sink.NONE, _ -> checkStop());
            RecordApplier state = new RecordApplier(copied, RecordApplier.Sink.NONE);
            new LogReplay(archive, snapshot, state, _ -> checkStop())
                    .run(snapshot.footer().consistentAt(), Long.MAX_VALUE);
            findings.goodSnapshot(snapshot.objectBytes());
            findings.goodStates(1);
            return Optional.of(state);
        } catch (FormatException e) {
            findings.violation(Finding.of(e));
            return Optional.empty();
        }
    }

    private void checkStop() throws InterruptedIOException {
        if (stop.getCount() == 0) {
            throw new InterruptedIOException("stopped");
        }
    }
}
