package dev.holdfast.storage.archive;

import dev.holdfast.format.Codec;
import dev.holdfast.format.Digest;
import dev.holdfast.format.PageGroup;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.codec.BodyDecompressor;
import dev.holdfast.storage.seal.BodyOpener;
import dev.holdfast.storage.seal.KeyRing;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// The body of one segment after another: stored bytes from a cursor, raw bytes to whoever reads
/// records. Each stored byte is hashed, before it is believed or as it goes by.
final class BodyInput implements AutoCloseable {
    /// Hashed and then decompressed, so small enough to be still in the processor's cache.
    private static final int STORED_STEP_BYTES = 128 << 10;

    private static final int RAW_BYTES = 256 << 10;
    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

    private final SegmentCursor cursor;
    private final MessageDigest sha256 = Digest.sha256();
    private final Map<Codec, BodyDecompressor> decompressors = new EnumMap<>(Codec.class);
    private final Arena arena = Arena.ofShared();
    private final MemorySegment rawMemory = arena.allocate(PageGroup.FIRST_WORD_BYTES + RAW_BYTES);

    /// With room for a first word in front of whatever is its first byte.
    private final ByteBuffer raw = rawMemory.asSlice(PageGroup.FIRST_WORD_BYTES).asByteBuffer();

    private final PageGroup group = new PageGroup();

    /// Opens what is encrypted.
    private final BodyOpener opener;

    private final BodyOpener.Stored sealed = new Sealed();
    private boolean isSealed;
    private long storedLeft;
    private @Nullable Digest proven;
    private ByteBuffer stored = NOTHING;
    private String object = "";
    private long at;

    BodyInput(SegmentCursor cursor, KeyRing keys) {
        this.cursor = cursor;
        this.opener = new BodyOpener(keys);
    }

    /// Begins a body: the cursor has just passed the header.
    void begin(SegmentHeader header, ByteBuffer headerBytes, String object, long at) {
        this.object = object;
        this.at = at;
        storedLeft = header.bodyLength();
        isSealed = header.isSealed();
        opener.begin(header, headerBytes, object, at);
        stored = NOTHING;
        proven = null;
        raw.clear().limit(0);
        sha256.reset();
        sha256.update(headerBytes.duplicate());
    }

    /// Checks the digest before any byte is decompressed, and goes back to the body's begin: a
    /// flipped bit may make a record say anything, such as that the database has four billion pages
    /// now. What is too large to be kept is read, and hashed, a second time then.
    void prove(SegmentHeader header, ByteBuffer headerBytes, String object, long at)
            throws IOException, FormatException {
        long length = header.bodyLength();
        begin(header, headerBytes, object, at);
        Optional<ByteBuffer> whole = cursor.peek(length + Digest.BYTES);
        if (whole.isPresent()) {
            sha256.update(whole.get().slice(0, (int) length));
            Digest digest = Digest.readFrom(whole.get(), (int) length);
            proven = requireSame(Digest.of(sha256), digest);
        } else {
            long bodyAt = cursor.offset();
            checkDigest();
            cursor.seek(bodyAt);
            begin(header, headerBytes, object, at);
        }
    }

    /// The next `count` raw bytes, at most those of a page or of a group's columns. Valid until the
    /// next call.
    MemorySegment take(int count, BodyDecompressor decompressor)
            throws IOException, FormatException {
        return takeBehindFirstWord(count, decompressor).asSlice(PageGroup.FIRST_WORD_BYTES);
    }

    /// The next `count` raw bytes, behind four that mean nothing and may be written to. Valid until
    /// the next call.
    MemorySegment takeBehindFirstWord(int count, BodyDecompressor decompressor)
            throws IOException, FormatException {
        if (raw.remaining() < count) {
            fill(count, decompressor);
        }
        int from = raw.position();
        raw.position(from + count);
        // What lies in front was taken before.
        return rawMemory.asSlice(from, PageGroup.FIRST_WORD_BYTES + count);
    }

    /// For the columns of whoever reads records, so that there is one for all bodies.
    PageGroup group() {
        return group;
    }

    private void fill(int count, BodyDecompressor decompressor)
            throws IOException, FormatException {
        raw.compact();
        boolean isMoving = true;
        while (raw.position() < count && isMoving) {
            nextStored();
            isMoving = step(decompressor);
        }
        raw.flip();
        if (raw.remaining() < count) {
            throw bad("it ends in the middle of a record");
        }
    }

    /// Whether anything was consumed or produced.
    private boolean step(BodyDecompressor decompressor) throws FormatException {
        int consumed = stored.position();
        int produced = raw.position();
        decompressor.read(stored, raw);
        return stored.position() > consumed || raw.position() > produced;
    }

    private void nextStored() throws IOException, FormatException {
        if (!stored.hasRemaining() && storedLeft > 0) {
            stored = isSealed ? opener.next(sealed) : taken(cursor.takeSome(step()));
        }
    }

    private long step() {
        return Math.min(storedLeft, STORED_STEP_BYTES);
    }

    private ByteBuffer taken(ByteBuffer bytes) {
        storedLeft -= bytes.remaining();
        if (proven == null) {
            sha256.update(bytes.duplicate());
        }
        return bytes;
    }

    /// The body as it is stored.
    private final class Sealed implements BodyOpener.Stored {
        @Override
        public ByteBuffer take(int count) throws IOException, FormatException {
            return taken(cursor.take(count));
        }

        @Override
        public long left() {
            return storedLeft;
        }
    }

    /// Checks that nothing is left, neither stored nor raw.
    void end(BodyDecompressor decompressor) throws IOException, FormatException {
        if (raw.hasRemaining()) {
            throw bad("bytes follow its last record");
        }
        raw.clear();
        do {
            nextStored();
        } while (step(decompressor) && raw.position() == 0);
        if (raw.position() > 0 || stored.hasRemaining() || storedLeft > 0) {
            throw bad("bytes follow its last record");
        }
        decompressor.end();
    }

    /// Goes to the end of the body, and compares with the digest behind it.
    Digest checkDigest() throws IOException, FormatException {
        stored = NOTHING;
        while (storedLeft > 0) {
            ByteBuffer _ = taken(cursor.takeSome(step()));
        }
        Digest behind = Digest.readFrom(cursor.take(Digest.BYTES), 0);
        return proven != null ? proven : requireSame(Digest.of(sha256), behind);
    }

    private Digest requireSame(Digest found, Digest wanted) throws FormatException {
        if (!found.equals(wanted)) {
            throw new FormatException.DigestMismatch(
                    object, at, "the segment", found.toString(), wanted.toString());
        }
        return found;
    }

    BodyDecompressor decompressor(SegmentHeader header) {
        BodyDecompressor decompressor =
                decompressors.computeIfAbsent(header.codec(), BodyDecompressor::of);
        decompressor.begin(header, object, at);
        return decompressor;
    }

    private FormatException bad(String detail) {
        return new FormatException.BadField(
                object, at, "body", detail, "as many bytes as its records have");
    }

    @Override
    public void close() {
        decompressors.values().forEach(BodyDecompressor::close);
        opener.close();
        arena.close();
    }
}
