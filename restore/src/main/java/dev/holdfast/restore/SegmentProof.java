package dev.holdfast.restore;

import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogObject;
import dev.holdfast.storage.archive.SegmentReader;
import dev.holdfast.storage.archive.SegmentSource;

import java.io.IOException;

/// Checks the digest of a segment before its records are believed: a flipped bit may make a record
/// say anything, such as that the database has four billion pages now. Owned by one thread.
public final class SegmentProof implements AutoCloseable {
    private final Archive archive;
    private final SegmentReader reader;

    public SegmentProof(Archive archive) {
        this.archive = archive;
        this.reader = new SegmentReader(archive.info());
    }

    /// Reads the segment at `offset` of a log object to its end.
    public void check(LogObject object, long offset) throws IOException, FormatException {
        reader.forget();
        reader.open(SegmentSource.of(archive.store(), object), offset);
        if (reader.next().isPresent()) {
            reader.verify();
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
