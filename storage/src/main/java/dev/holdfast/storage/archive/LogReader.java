package dev.holdfast.storage.archive;

import dev.holdfast.format.Digest;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;

import java.io.IOException;
import java.util.Optional;

/// Walks over the log from one segment to its end, object by object, by [Archive#log]. Owned by one
/// thread.
///
/// As [SegmentReader], and what concerns several objects: that each begins with the segment of its
/// name, and that none is missing.
@SuppressWarnings("DoNotCallSuggester")
public final class LogReader implements AutoCloseable {
    LogReader() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Header of the next segment; empty at the log's end. A segment that was not taken is skipped.
    public Optional<SegmentHeader> next() throws IOException, FormatException {
        throw new UnsupportedOperationException("not yet");
    }

    /// As [SegmentReader#decode(RecordVisitor, long, long)].
    public void decode(RecordVisitor visitor, long fromTx, long toTx)
            throws IOException, FormatException {
        throw new UnsupportedOperationException("not yet");
    }

    /// As [SegmentReader#decode(RecordVisitor)].
    public void decode(RecordVisitor visitor) throws IOException, FormatException {
        decode(visitor, 1, Long.MAX_VALUE);
    }

    /// As [SegmentReader#canDecode].
    public boolean canDecode() {
        throw new UnsupportedOperationException("not yet");
    }

    /// As [SegmentReader#verify].
    public void verify() throws IOException, FormatException {
        throw new UnsupportedOperationException("not yet");
    }

    /// As [SegmentReader#skip].
    public void skip() throws IOException, FormatException {
        throw new UnsupportedOperationException("not yet");
    }

    /// Digest of the segment that was taken last.
    public Digest digest() {
        throw new UnsupportedOperationException("not yet");
    }

    /// The object in which the segment at hand lies.
    public LogObject object() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Offset in its object of the segment at hand.
    public long offset() {
        throw new UnsupportedOperationException("not yet");
    }

    @Override
    public void close() {}
}
