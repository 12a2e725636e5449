package dev.holdfast.storage;

import java.io.IOException;
import java.nio.ByteBuffer;

/// An object that is being written. Owned by one thread, but for [#giveUp].
public interface ObjectUpload extends AutoCloseable {
    /// Appends the bytes between position and limit, which are consumed.
    void write(ByteBuffer bytes) throws IOException;

    /// Makes the object exist, whole and durable, if its name is still free. Call once, at the end.
    CreateOutcome commit() throws IOException;

    /// Whether a call that failed may be made again: then what stands between position and limit
    /// was not taken, and all before it was. Else the whole upload is begun anew.
    default boolean isRepeatable() {
        return false;
    }

    /// From now on no request of [#write] or [#commit] is made, but for what is under way. From any
    /// thread.
    default void giveUp() {}

    /// Drops what was not committed.
    @Override
    void close() throws IOException;
}
