package dev.holdfast.storage.archive;

import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.ObjectStore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// Where the bytes of a run of segments come from: an object, part of a file, memory.
@SuppressWarnings("DoNotCallSuggester")
public interface SegmentSource {
    /// How errors call it: the name of the object.
    String object();

    long bytes();

    /// Fills `into` from its position with the bytes from `offset` on, all that it has room for;
    /// they lie within [#bytes].
    void read(long offset, ByteBuffer into) throws IOException, FormatException;

    /// A log object, as a listing showed it.
    static SegmentSource of(ObjectStore store, LogObject object) {
        throw new UnsupportedOperationException("not yet");
    }

    /// Part of a file, such as a spool.
    static SegmentSource of(FileChannel file, long offset, long bytes, String object) {
        throw new UnsupportedOperationException("not yet");
    }
}
