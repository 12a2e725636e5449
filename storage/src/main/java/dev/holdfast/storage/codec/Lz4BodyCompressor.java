package dev.holdfast.storage.codec;

import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/// LZ4 blocks, one after another: `raw length (4) | stored length (4) | bytes`, big-endian.
final class Lz4BodyCompressor implements BodyCompressor {
    /// What a reader must be ready for.
    static final int MAX_BLOCK_BYTES = 1 << 20;

    static final int BLOCK_HEADER_BYTES = 8;

    /// LZ4 looks back 64 KiB, so that larger blocks save nothing but their headers.
    private static final int BLOCK_BYTES = 256 << 10;

    private final LZ4Compressor lz4 = LZ4Factory.safeInstance().fastCompressor();

    // On the heap: the pure Java codec is several times faster on arrays than on direct buffers.
    private final byte[] block = new byte[BLOCK_BYTES];
    private final byte[] stored =
            new byte[BLOCK_HEADER_BYTES + lz4.maxCompressedLength(BLOCK_BYTES)];
    private final ByteBuffer storedBuffer = ByteBuffer.wrap(stored);
    private int filled;

    @Override
    public void begin(boolean isReset) {
        if (!isReset) {
            throw new IllegalArgumentException("an LZ4 body is always a reset");
        }
        filled = 0;
    }

    @Override
    public void write(MemorySegment raw, Sink out) throws IOException {
        long done = 0;
        while (done < raw.byteSize()) {
            int count = (int) Math.min(raw.byteSize() - done, BLOCK_BYTES - filled);
            MemorySegment.copy(raw, ValueLayout.JAVA_BYTE, done, block, filled, count);
            filled += count;
            done += count;
            if (filled == BLOCK_BYTES) {
                flush(out);
            }
        }
    }

    @Override
    public void flush(Sink out) throws IOException {
        if (filled == 0) {
            return;
        }
        int length =
                lz4.compress(
                        block,
                        0,
                        filled,
                        stored,
                        BLOCK_HEADER_BYTES,
                        stored.length - BLOCK_HEADER_BYTES);
        if (length >= filled) {
            System.arraycopy(block, 0, stored, BLOCK_HEADER_BYTES, filled);
            length = filled;
        }
        storedBuffer.clear().putInt(0, filled).putInt(4, length);
        filled = 0;
        out.write(storedBuffer.limit(BLOCK_HEADER_BYTES + length));
    }

    @Override
    public void close() {}
}
