package dev.holdfast.storage.codec;

import dev.holdfast.format.Codec;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;

import java.nio.ByteBuffer;

/// Decompresses the bodies of segments, one after another. Owned by one thread.
///
/// Gives never more than the header's raw length, and allocates never more than the header's window
/// or the largest LZ4 block.
public sealed interface BodyDecompressor extends AutoCloseable
        permits ZstdBodyDecompressor, Lz4BodyDecompressor {
    /// Begins a body.
    ///
    /// @param object name of the log object, for errors
    /// @param at offset of the segment in it, for errors
    void begin(SegmentHeader header, String object, long at);

    /// Decompresses from `stored` to `raw`, both direct, as far as it gets. That both are as they
    /// were means that it needs more of the body, or room.
    void read(ByteBuffer stored, ByteBuffer raw) throws FormatException;

    /// Checks that the body is as long as its header says. To be called when [#read] was given all
    /// of it and gave all that it could.
    void end() throws FormatException;

    @Override
    void close();

    /// The decompressor of a codec.
    static BodyDecompressor of(Codec codec) {
        return switch (codec) {
            case ZSTD -> new ZstdBodyDecompressor();
            case LZ4 -> new Lz4BodyDecompressor();
        };
    }
}
