package dev.holdfast.storage.codec;

import dev.holdfast.format.Codec;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// Compresses the bodies of segments, one after another. Owned by one thread.
public sealed interface BodyCompressor extends AutoCloseable
        permits ZstdBodyCompressor, Lz4BodyCompressor {
    /// Begins a body.
    ///
    /// @param isReset whether what came before is forgotten; must be so for the first body
    void begin(boolean isReset);

    /// Compresses all of `raw`. Compressed bytes come out when there are enough of them.
    void write(MemorySegment raw, Sink out) throws IOException;

    /// Ends the body: when this returns, all of its compressed bytes came out, and they decompress
    /// without the next body.
    void flush(Sink out) throws IOException;

    @Override
    void close();

    /// Takes compressed bytes: those between position and limit, which it consumes before it
    /// returns.
    @FunctionalInterface
    interface Sink {
        void write(ByteBuffer stored) throws IOException;
    }

    /// The compressor of a codec.
    ///
    /// @param windowLog2 of the zstd stream; not looked at with LZ4
    static BodyCompressor of(Codec codec, int windowLog2) {
        return switch (codec) {
            case ZSTD -> new ZstdBodyCompressor(windowLog2);
            case LZ4 -> new Lz4BodyCompressor();
        };
    }

    /// The window for a log of a database of that size: sixteen times as much, so that the database
    /// can grow before it needs another; from 1 MiB, as the compressor's tables alone take as much,
    /// to 8 MiB. The figures are in `docs/decisions/0002-log-compression.md`.
    static int windowLog2For(long databaseBytes) {
        return windowLog2(databaseBytes, 4);
    }

    /// Whether a database has outgrown the window of its log: it is less than four times as large,
    /// and soon a commit that rewrites most of the database won't find what the one before wrote.
    /// That costs more than a stream that begins anew.
    static boolean isOutgrown(int windowLog2, long databaseBytes) {
        return windowLog2 < windowLog2(databaseBytes, 2);
    }

    private static int windowLog2(long databaseBytes, int timesLog2) {
        int log2 = Long.SIZE - Long.numberOfLeadingZeros(Math.max(databaseBytes, 1) - 1);
        return Math.clamp(
                (long) log2 + timesLog2,
                ZstdBodyCompressor.SMALLEST_WINDOW_LOG2,
                ZstdBodyCompressor.LARGEST_WINDOW_LOG2);
    }
}
