package dev.holdfast.storage.archive;

import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.ObjectStore;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Where the bytes of a run of segments come from.
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
}
