package dev.holdfast.wal;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// A read at a position that goes on after a short one.
final class PositionalRead {
    private PositionalRead() {}

    /// Fills `into` from `offset` of the file on. Returns the bytes read: fewer than wanted only
    /// where the file ends.
    static int fill(FileChannel file, MemorySegment into, long offset) throws IOException {
        ByteBuffer buffer = into.asByteBuffer();
        while (buffer.hasRemaining()) {
            if (file.read(buffer, offset + buffer.position()) < 0) {
                break;
            }
        }
        return buffer.position();
    }
}
