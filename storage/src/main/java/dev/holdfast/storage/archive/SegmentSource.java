package dev.holdfast.storage.archive;

import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.ObjectStore;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// Where the bytes of a run of segments come from: an object, part of a file, memory.
public interface SegmentSource {
    /// How errors call it: the name of the object.
    String object();

    long bytes();

    /// Fills `into` from its position with the bytes from `offset` on, all that it has room for;
    /// they lie within [#bytes].
    void read(long offset, ByteBuffer into) throws IOException, FormatException;

    /// A log object, as a listing showed it.
    static SegmentSource of(ObjectStore store, LogObject object) {
        return new SegmentSource() {
            @Override
            public String object() {
                return object.name();
            }

            @Override
            public long bytes() {
                return object.bytes();
            }

            @Override
            public void read(long offset, ByteBuffer into) throws IOException, FormatException {
                ObjectReads.read(store, object.name(), offset, into);
            }
        };
    }

    /// Part of a file, such as a spool.
    static SegmentSource of(FileChannel file, long offset, long bytes, String object) {
        return new SegmentSource() {
            @Override
            public String object() {
                return object;
            }

            @Override
            public long bytes() {
                return bytes;
            }

            @Override
            public void read(long from, ByteBuffer into) throws IOException {
                long position = offset + from;
                while (into.hasRemaining()) {
                    int count = file.read(into, position);
                    if (count < 0) {
                        throw new EOFException(object + " ends at " + position + " of its file");
                    }
                    position += count;
                }
            }
        };
    }
}
