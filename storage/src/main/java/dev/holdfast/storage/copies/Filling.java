package dev.holdfast.storage.copies;

import dev.holdfast.format.Digest;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogEnd;
import dev.holdfast.storage.archive.LogSegment;
import dev.holdfast.storage.archive.SnapshotPlace;
import dev.holdfast.storage.archive.SnapshotReader;

import java.io.IOException;
import java.util.Optional;
import java.util.TreeSet;

/// Brings a copy up to what another one has: the log from where the copy's ends, and the snapshots.
/// Each follows the log that it rests on, so that at any moment all that the copy has can be
/// restored. Whoever writes to either meanwhile is not in the way. Owned by one thread.
public final class Filling {
    private final Archive from;
    private final Archive to;
    private final Watch watch;
    private final TreeSet<Long> lacking = new TreeSet<>();

    /// How far the copy has the log.
    private long lastSeq;

    /// How much of that was there before: it may be another log than the source's.
    private long foundSeq;

    /// How it goes.
    public interface Watch {
        /// Told before each piece of work; ends the filling by an exception.
        void checkStop() throws IOException;

        /// One more object is there.
        ///
        /// @param lastSeq how far the copy has the log now
        void stored(Copied.Stored object, long lastSeq);

        /// A snapshot, or a further wrap of a data key, could not be copied, as it is damaged.
        void damaged(FormatException object);
    }

    /// Between two copies that were opened.
    ///
    /// @param to another copy of the same archive
    public Filling(Archive from, Archive to, Watch watch) {
        if (!from.info().equals(to.info())) {
            throw new IllegalArgumentException("a copy of another archive");
        }
        this.from = from;
        this.to = to;
        this.watch = watch;
    }

    /// Does it, from where the copy's log ends.
    ///
    /// @param knownSeq a segment that the copy is known to have; 1 if none is
    /// @return the last segment that the copy has now, 0 if none
    /// @throws FormatException if the log that would be copied is damaged
    /// @throws dev.holdfast.format.failure.SidecarException.CorruptArchive if the two hold
    ///   different logs, or what the copy has under a name that was to be stored is damaged
    public long run(long knownSeq) throws IOException, FormatException {
        lacking.addAll(from.snapshots());
        to.snapshots().forEach(lacking::remove);
        lastSeq = knownSeq;
        // First: whoever may read the log may read all that is copied of it
        KeyCopier.copy(from.store(), to.store(), watch, lastSeq);
        boolean isDone;
        do {
            Optional<LogEnd> end = to.end(Math.max(1, lastSeq));
            lastSeq = end.map(it -> it.last().seq()).orElse(0L);
            foundSeq = lastSeq;
            copySnapshots();
            isDone = copyLog(end.map(LogEnd::digest).orElseGet(() -> from.info().digest()));
        } while (!isDone);
        return lastSeq;
    }

    /// False if somebody else has stored something meanwhile.
    private boolean copyLog(Digest digest) throws IOException, FormatException {
        try (LogCopier copier =
                new LogCopier(from, to.store(), lastSeq + 1, Long.MAX_VALUE, digest)) {
            while (true) {
                watch.checkStop();
                switch (copier.copy()) {
                    case Copied.Nothing() -> {
                        return true;
                    }
                    case Copied.Taken _ -> {
                        return false;
                    }
                    case Copied.Stored stored -> {
                        lastSeq = copier.lastSeq();
                        watch.stored(stored, lastSeq);
                        copySnapshots();
                    }
                }
            }
        }
    }

    /// Those that the copy's log goes up to.
    private void copySnapshots() throws IOException {
        while (!lacking.isEmpty() && lacking.first() - 1 <= lastSeq) {
            long name = lacking.first();
            try {
                SnapshotReader snapshot = from.snapshot(name);
                if (snapshot.footer().consistentAt() > lastSeq) {
                    return;
                }
                requireFits(snapshot, from, to, foundSeq);
                if (SnapshotCopier.copy(snapshot, to.store(), watch::checkStop)
                        instanceof Copied.Stored stored) {
                    watch.stored(stored, lastSeq);
                }
            } catch (FormatException e) {
                watch.damaged(e);
            }
            lacking.remove(name);
        }
    }

    /// Holds a snapshot against the log of the copy, which may be another one than the source's.
    ///
    /// @param foundSeq how much of the copy's log does not come from the source
    static void requireFits(SnapshotReader snapshot, Archive from, Archive to, long foundSeq)
            throws IOException, FormatException {
        long seq = snapshot.footer().consistentAt();
        Optional<LogSegment> there = seq <= foundSeq ? found(to, seq) : Optional.empty();
        SnapshotPlace.check(snapshot, there.isPresent() ? there : from.segment(seq));
    }

    /// In the copy; empty where its log is damaged.
    private static Optional<LogSegment> found(Archive copy, long seq) throws IOException {
        try {
            return copy.segment(seq);
        } catch (FormatException _) {
            return Optional.empty();
        }
    }
}
