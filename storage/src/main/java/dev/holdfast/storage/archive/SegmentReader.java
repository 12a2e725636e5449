package dev.holdfast.storage.archive;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Digest;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;

import java.io.IOException;
import java.util.Optional;

/// Reads segments one after another, through one source and on into the next, and checks each
/// against the one before. Owned by one thread; bounded memory, whatever the sizes in the headers.
///
/// [#next] gives a header; then one of [#decode], [#verify] and [#skip] takes the segment's end. A
/// body can be decoded if all bodies since its reset were.
@SuppressWarnings("DoNotCallSuggester")
public final class SegmentReader implements AutoCloseable {

    /// Reads segments of this archive only.
    public SegmentReader(ArchiveInfo archive) {
        throw new UnsupportedOperationException("not yet");
    }

    /// Goes on at `offset` of `source`, where a segment begins. If a segment was read before, the
    /// next one must be its follower.
    public void open(SegmentSource source, long offset) {
        throw new UnsupportedOperationException("not yet");
    }

    /// Forgets what was read before: the next segment may be any.
    public void forget() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Header of the next segment, checked by itself and as the follower of the one before; empty
    /// at the source's end. A segment that was not taken is skipped.
    public Optional<SegmentHeader> next() throws IOException, FormatException {
        throw new UnsupportedOperationException("not yet");
    }

    /// Decodes the segment and tells `visitor` of its records `fromTx` to `toTx`, both included;
    /// the others are decoded and checked too. When this returns, the digest was right and each
    /// rule of a body held.
    ///
    /// @throws IllegalStateException if a body since the reset was not decoded; see [#canDecode]
    public void decode(RecordVisitor visitor, long fromTx, long toTx)
            throws IOException, FormatException {
        throw new UnsupportedOperationException("not yet");
    }

    /// Decodes the segment and tells `visitor` of all its records.
    public void decode(RecordVisitor visitor) throws IOException, FormatException {
        decode(visitor, 1, Long.MAX_VALUE);
    }

    /// Whether the segment at hand is a reset, or all bodies since its reset were decoded.
    public boolean canDecode() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Checks the digest and does not decode.
    public void verify() throws IOException, FormatException {
        throw new UnsupportedOperationException("not yet");
    }

    /// Passes over the body. The digest is read, not checked; that the next segment names it is
    /// checked.
    public void skip() throws IOException, FormatException {
        throw new UnsupportedOperationException("not yet");
    }

    /// Digest of the segment that was taken last.
    public Digest digest() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Offset in its source of the segment whose header [#next] gave last.
    public long offset() {
        throw new UnsupportedOperationException("not yet");
    }

    @Override
    public void close() {}
}
