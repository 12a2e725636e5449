package dev.holdfast.storage.archive;

import dev.holdfast.format.Digest;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.storage.codec.BodyCompressor;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;

/// The stored bytes of the segment that is being written: in memory while they are few, then in
/// their file.
///
/// The header holds lengths and stands in front, so the digest can't be computed while the body
/// goes by: what has gone to the file is read again at the end, from the page cache.
final class SegmentFile implements BodyCompressor.Sink, AutoCloseable {
    /// A segment up to this size is written by one call.
    private static final int GATHERED_BYTES = 1 << 20;

    private final Arena arena = Arena.ofShared();
    private final ByteBuffer gathered = arena.allocate(GATHERED_BYTES).asByteBuffer();
    private final MessageDigest sha256 = Digest.sha256();
    private @Nullable FileChannel file;
    private long offset;
    private long spilled;

    void begin(FileChannel file, long offset) {
        this.file = file;
        this.offset = offset;
        spilled = 0;
        gathered.clear().position(SegmentHeader.BYTES);
    }

    long offset() {
        return offset;
    }

    long bodyBytes() {
        return spilled + gathered.position() - SegmentHeader.BYTES;
    }

    @Override
    public void write(ByteBuffer stored) throws IOException {
        while (stored.hasRemaining()) {
            int count = Math.min(stored.remaining(), gathered.remaining());
            gathered.put(gathered.position(), stored, stored.position(), count);
            gathered.position(gathered.position() + count);
            stored.position(stored.position() + count);
            if (!gathered.hasRemaining()) {
                spill();
            }
        }
    }

    private void spill() throws IOException {
        int count = gathered.position();
        writeAt(spilled, gathered.flip());
        spilled += count;
        gathered.clear();
    }

    /// Adds header and digest.
    Digest end(ByteBuffer header) throws IOException {
        if (spilled == 0 && gathered.remaining() >= Digest.BYTES) {
            return endInMemory(header);
        }
        spill();
        long end = spilled;
        writeAt(0, header.duplicate());
        Digest digest = digestOfFile(end);
        digest.writeTo(gathered.clear(), 0);
        writeAt(end, gathered.limit(Digest.BYTES));
        return digest;
    }

    private Digest endInMemory(ByteBuffer header) throws IOException {
        gathered.put(0, header, 0, SegmentHeader.BYTES);
        int end = gathered.position();
        sha256.reset();
        sha256.update(gathered.flip());
        Digest digest = Digest.of(sha256);
        gathered.limit(end + Digest.BYTES);
        digest.writeTo(gathered, end);
        writeAt(0, gathered.position(0));
        return digest;
    }

    private Digest digestOfFile(long end) throws IOException {
        sha256.reset();
        long done = 0;
        while (done < end) {
            gathered.clear().limit((int) Math.min(gathered.capacity(), end - done));
            int count = file().read(gathered, offset + done);
            if (count <= 0) {
                throw new IOException(
                        "file ends at " + (offset + done) + ", wanted " + (offset + end));
            }
            sha256.update(gathered.flip());
            done += count;
        }
        return Digest.of(sha256);
    }

    private void writeAt(long at, ByteBuffer bytes) throws IOException {
        long position = offset + at;
        while (bytes.hasRemaining()) {
            position += file().write(bytes, position);
        }
    }

    private FileChannel file() {
        if (file == null) {
            throw new IllegalStateException("no segment was begun");
        }
        return file;
    }

    @Override
    public void close() {
        arena.close();
    }
}
