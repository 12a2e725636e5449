package dev.holdfast.storage.codec;

import dev.holdfast.format.Codec;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;

import java.nio.ByteBuffer;

/// Decompresses the bodies of segments, one after another. Owned by one thread.
///
/// Never gives more than the header's raw length, and never holds more than the header's window.
@SuppressWarnings("DoNotCallSuggester")
public interface BodyDecompressor extends AutoCloseable {
    /// Begins a body.
    ///
    /// @param object name of the log object, for errors
    /// @param at offset of the segment in it, for errors
    void begin(SegmentHeader header, String object, long at);

    /// Decompresses from `stored` into `raw`, until the one is empty or the other is full. Both are
    /// direct.
    void read(ByteBuffer stored, ByteBuffer raw) throws FormatException;

    /// Checks that the body was as long as its header says, once all of it was read.
    void end() throws FormatException;

    @Override
    void close();

    static BodyDecompressor of(Codec codec) {
        throw new UnsupportedOperationException("not yet");
    }
}
