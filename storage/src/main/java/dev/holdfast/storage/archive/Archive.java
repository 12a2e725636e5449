package dev.holdfast.storage.archive;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ObjectStore;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// One archive in its store: who it is, and where its objects are. Keeps nothing but archive.json;
/// may be used by several threads.
@SuppressWarnings("DoNotCallSuggester")
public final class Archive {
    private Archive() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Reads archive.json. The store stays the caller's to close.
    ///
    /// @throws FormatException also if there is a log but no archive.json
    public static OpenOutcome open(ObjectStore store) throws IOException, FormatException {
        throw new UnsupportedOperationException("not yet");
    }

    /// Writes archive.json. If it is there already, [#open] tells whose it is.
    public static CreateOutcome create(ObjectStore store, ArchiveInfo info) throws IOException {
        throw new UnsupportedOperationException("not yet");
    }

    public ObjectStore store() {
        throw new UnsupportedOperationException("not yet");
    }

    public ArchiveInfo info() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Seqs of all snapshots, newest first, by their names.
    public List<Long> snapshots() throws IOException {
        throw new UnsupportedOperationException("not yet");
    }

    /// Opens the snapshot of that name and checks all but its blocks.
    public SnapshotReader snapshot(long seq) throws IOException, FormatException {
        throw new UnsupportedOperationException("not yet");
    }

    /// The log's objects from the one that holds segment `fromSeq` on, or if that is not there,
    /// from the first one after it.
    public LogListing logObjects(long fromSeq) throws IOException {
        throw new UnsupportedOperationException("not yet");
    }

    /// Reads the log from segment `fromSeq` on. If the log ends before it, there is nothing to
    /// read; if the log goes on but this segment is missing, reading says so.
    public LogReader log(long fromSeq) {
        throw new UnsupportedOperationException("not yet");
    }

    /// The last segment, or empty if there is none. Reads headers only.
    ///
    /// @param knownSeq a segment that is known to be there, so that the listing is short; 1 if none
    ///   is
    public Optional<LogEnd> end(long knownSeq) throws IOException, FormatException {
        throw new UnsupportedOperationException("not yet");
    }
}
