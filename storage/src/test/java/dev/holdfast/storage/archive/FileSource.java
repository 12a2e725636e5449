package dev.holdfast.storage.archive;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// Segments that a writer has left in a file, read before they are in any store.
record FileSource(FileChannel file, long offset, long bytes) implements SegmentSource {
    @Override
    public String object() {
        return "spool";
    }

    @Override
    public void read(long from, ByteBuffer into) throws IOException {
        long position = offset + from;
        while (into.hasRemaining()) {
            int count = file.read(into, position);
            if (count < 0) {
                throw new EOFException("the file ends at " + position);
            }
            position += count;
        }
    }
}
