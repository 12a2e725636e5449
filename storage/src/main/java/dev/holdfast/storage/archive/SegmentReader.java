package dev.holdfast.storage.archive;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Digest;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.seal.KeyRing;
import dev.holdfast.storage.seal.WrappedKey;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/// Reads segments one after another, through one source and on into the next, and checks each
/// against the one before. Owned by one thread; bounded memory, whatever the sizes in the headers.
///
/// [#next] gives a header; then one of [#decode], [#verify] and [#skip] takes the segment. A body
/// can be decoded if all bodies since its reset were. After an exception the reader can only be
/// closed, or used again from [#forget] and [#open] on.
public final class SegmentReader implements AutoCloseable {
    private final ArchiveInfo archive;
    private final Digest archiveDigest;
    private final SegmentCursor cursor = new SegmentCursor();
    private final BodyInput body;
    private final ByteBuffer headerBytes = ByteBuffer.allocate(SegmentHeader.BYTES);

    /// The segment at hand, and then the one before.
    private @Nullable SegmentHeader header;

    private @Nullable Digest digest;
    private long offset;
    private boolean isTaken = true;

    /// Whether the decompressor stands at the end of the segment before.
    private boolean isStreamAtHand;

    /// Reads segments of this archive only, and decodes none that is encrypted.
    public SegmentReader(ArchiveInfo archive) {
        this(archive, KeyRing.EMPTY);
    }

    /// Reads segments of this archive only.
    public SegmentReader(ArchiveInfo archive, KeyRing keys) {
        this.archive = archive;
        this.body = new BodyInput(cursor, keys);
        this.archiveDigest = archive.digest();
    }

    /// Goes on at `offset` of `source`, where a segment begins. If a segment was read before, the
    /// next one must be its follower.
    public void open(SegmentSource source, long offset) {
        requireTaken();
        cursor.open(source, offset);
    }

    /// Forgets what was read before: the next segment may be any.
    public void forget() {
        header = null;
        digest = null;
        isTaken = true;
        isStreamAtHand = false;
    }

    /// Header of the next segment, checked by itself and as the follower of the one before; empty
    /// at the source's end. A segment that was not taken is skipped.
    public Optional<SegmentHeader> next() throws IOException, FormatException {
        if (!isTaken) {
            skip();
        }
        if (cursor.remaining() <= 0) {
            return Optional.empty();
        }
        offset = cursor.offset();
        String object = cursor.source().object();
        readHeader(object);
        SegmentHeader next = SegmentHeader.readFrom(headerBytes, object, offset);
        checkPlace(next, object);
        header = next;
        isTaken = false;
        return Optional.of(next);
    }

    private void readHeader(String object) throws IOException, FormatException {
        if (cursor.remaining() < SegmentHeader.BYTES) {
            throw new FormatException.Truncated(
                    object, offset, "segment header", cursor.remaining(), SegmentHeader.BYTES);
        }
        headerBytes.clear().put(cursor.take(SegmentHeader.BYTES)).flip();
    }

    private void checkPlace(SegmentHeader next, String object) throws FormatException {
        if (!next.archive().equals(archive.id())) {
            throw new FormatException.BadField(
                    object,
                    offset,
                    "archive id",
                    next.archive().toString(),
                    archive.id().toString());
        }
        long rest = next.bodyLength() + Digest.BYTES;
        if (cursor.remaining() < rest) {
            throw new FormatException.Truncated(
                    object, offset, "the segment's body", cursor.remaining(), rest);
        }
        if (header != null && digest != null) {
            next.checkFollows(header, digest, object, offset);
        } else if (next.seq() == 1) {
            next.checkBegins(archiveDigest, object, offset);
        }
    }

    /// Checks the digest, decodes the segment and tells `visitor` of its records `fromTx` to
    /// `toTx`, both included; the others are decoded and checked too. When this returns, each rule
    /// of a body held.
    ///
    /// @throws IllegalStateException if a body since the reset was not decoded; see [#canDecode]
    public void decode(RecordVisitor visitor, long fromTx, long toTx)
            throws IOException, FormatException {
        SegmentHeader segment = atHand();
        if (!canDecode()) {
            throw new IllegalStateException(
                    "segment " + segment.seq() + " does not decode without those before it");
        }
        body.prove(segment, headerBytes, cursor.source().object(), offset);
        boolean isClaim = segment.kind() == SegmentHeader.Kind.CLAIM;
        isStreamAtHand = false;
        if (!isClaim) {
            new RecordParser(body, segment, cursor.source().object(), offset)
                    .parse(visitor, fromTx, toTx);
        }
        taken(body.checkDigest());
        isStreamAtHand = !isClaim;
    }

    /// Decodes the segment and tells `visitor` of all its records.
    public void decode(RecordVisitor visitor) throws IOException, FormatException {
        decode(visitor, 1, Long.MAX_VALUE);
    }

    /// Whether the segment at hand is a claim or a reset, or all bodies since its reset were
    /// decoded.
    public boolean canDecode() {
        SegmentHeader segment = atHand();
        return segment.isReset() || segment.kind() == SegmentHeader.Kind.CLAIM || isStreamAtHand;
    }

    /// The data key that the segment at hand brings, as it is stored; empty if it brings none. Its
    /// digest was not checked yet.
    public Optional<WrappedKey> dataKey() throws IOException, FormatException {
        SegmentHeader segment = atHand();
        if (!segment.isSealed() || !segment.isReset()) {
            return Optional.empty();
        }
        long most = Math.min(segment.bodyLength(), Integer.BYTES + WrappedKey.MAX_BYTES);
        ByteBuffer bytes = cursor.peek(most).orElseThrow();
        return Optional.of(
                WrappedKey.readFrom(bytes, cursor.source().object(), offset + SegmentHeader.BYTES));
    }

    /// Checks the digest and does not decode.
    public void verify() throws IOException, FormatException {
        body.begin(atHand(), headerBytes, cursor.source().object(), offset);
        isStreamAtHand = false;
        taken(body.checkDigest());
    }

    /// Passes over the body. The digest is read, not checked; that the next segment names it is
    /// checked.
    public void skip() throws IOException, FormatException {
        SegmentHeader segment = atHand();
        isStreamAtHand = false;
        cursor.skip(segment.bodyLength());
        taken(Digest.readFrom(cursor.take(Digest.BYTES), 0));
    }

    private void taken(Digest digest) {
        this.digest = digest;
        isTaken = true;
    }

    /// Digest of the segment that was taken last.
    public Digest digest() {
        requireTaken();
        if (digest == null) {
            throw new IllegalStateException("no segment was read");
        }
        return digest;
    }

    /// Offset in its source of the segment whose header [#next] gave last.
    public long offset() {
        return offset;
    }

    private SegmentHeader atHand() {
        if (isTaken || header == null) {
            throw new IllegalStateException("no segment is at hand");
        }
        return header;
    }

    private void requireTaken() {
        if (!isTaken) {
            throw new IllegalStateException("a segment is at hand");
        }
    }

    @Override
    public void close() {
        body.close();
        cursor.close();
    }
}
