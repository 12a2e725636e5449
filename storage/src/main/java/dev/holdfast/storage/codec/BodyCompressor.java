package dev.holdfast.storage.codec;

import dev.holdfast.format.Codec;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// Compresses the bodies of segments, one after another. Owned by one thread.
@SuppressWarnings("DoNotCallSuggester")
public interface BodyCompressor extends AutoCloseable {
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
        throw new UnsupportedOperationException("not yet");
    }

    /// The window for a log of a database of that size.
    static int windowLog2For(long databaseBytes) {
        throw new UnsupportedOperationException("not yet");
    }
}
