package dev.holdfast.storage.archive;

import dev.holdfast.format.failure.FormatException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.Optional;

/// A place in a source, with a buffer in front of it. Owned by one thread.
///
/// Headers alone are read in small pieces; who reads straight on gets larger and larger ones, as
/// every request to a store costs time.
final class SegmentCursor implements AutoCloseable {
    private static final int SMALLEST_READ = 64 << 10;
    private static final int LARGEST_READ = 4 << 20;

    private @Nullable SegmentSource source;
    private Arena arena = Arena.ofShared();

    /// From the place on; what lies before its position was taken.
    private ByteBuffer buffer = arena.allocate(SMALLEST_READ).asByteBuffer().limit(0);

    /// Offset of the buffer's limit.
    private long bufferEnd;

    private boolean isSequential;

    void open(SegmentSource source, long offset) {
        this.source = source;
        seek(offset);
    }

    SegmentSource source() {
        if (source == null) {
            throw new IllegalStateException("no source is open");
        }
        return source;
    }

    long offset() {
        return bufferEnd - buffer.remaining();
    }

    /// Bytes up to the end of the source.
    long remaining() {
        return source().bytes() - offset();
    }

    /// Passes over `count` bytes, at most [#remaining].
    void skip(long count) {
        if (count <= buffer.remaining()) {
            buffer.position(buffer.position() + (int) count);
        } else {
            seek(offset() + count);
        }
    }

    /// Goes to an offset of the source.
    void seek(long offset) {
        buffer.limit(0);
        bufferEnd = offset;
        isSequential = false;
    }

    /// The next `count` bytes, few and at most [#remaining], from index 0 on; they are taken. Valid
    /// until the next call.
    ByteBuffer take(int count) throws IOException, FormatException {
        if (buffer.remaining() < count) {
            fill(count);
        }
        ByteBuffer taken = buffer.slice(buffer.position(), count);
        buffer.position(buffer.position() + count);
        return taken;
    }

    /// Has the next `count` bytes here, at most [#remaining], and does not take them; empty if they
    /// are too many. From index 0 on, valid until the next call.
    Optional<ByteBuffer> peek(long count) throws IOException, FormatException {
        if (count > LARGEST_READ) {
            return Optional.empty();
        }
        if (buffer.remaining() < count) {
            fill((int) count);
        }
        return Optional.of(buffer.slice(buffer.position(), (int) count));
    }

    /// At least one and at most `count` of the next bytes, as many as are here; they are taken.
    /// Valid until the next call.
    ByteBuffer takeSome(long count) throws IOException, FormatException {
        if (!buffer.hasRemaining()) {
            fill(1);
        }
        return take((int) Math.min(count, buffer.remaining()));
    }

    /// Reads on, so that there are at least `wanted` bytes.
    private void fill(int wanted) throws IOException, FormatException {
        // A power of two, so that a somewhat larger wish does not have it grow again.
        int least = Math.max(SMALLEST_READ, Integer.highestOneBit(wanted - 1) << 1);
        int capacity =
                isSequential
                        ? Math.max(least, Math.min(2 * buffer.capacity(), LARGEST_READ))
                        : least;
        int kept = buffer.remaining();
        long rest = source().bytes() - bufferEnd;
        if (capacity > buffer.capacity() && kept + rest > buffer.capacity()) {
            grow(capacity);
        } else {
            buffer.compact();
        }
        int limit = isSequential ? buffer.capacity() : least;
        buffer.limit((int) Math.min(limit, kept + rest));
        buffer.position(kept);
        int count = buffer.remaining();
        try {
            source().read(bufferEnd, buffer);
        } catch (IOException | FormatException e) {
            seek(bufferEnd - kept);
            throw e;
        }
        bufferEnd += count;
        buffer.flip();
        isSequential = true;
    }

    private void grow(int capacity) {
        Arena larger = Arena.ofShared();
        ByteBuffer copy = larger.allocate(capacity).asByteBuffer();
        copy.put(buffer);
        arena.close();
        arena = larger;
        buffer = copy;
    }

    @Override
    public void close() {
        arena.close();
    }
}
