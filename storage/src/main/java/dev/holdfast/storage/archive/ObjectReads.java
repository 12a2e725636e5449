package dev.holdfast.storage.archive;

import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ReadOutcome;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Reads of an object that must be there.
final class ObjectReads {
    private ObjectReads() {}

    /// Fills `into`; returns the object's size.
    static long read(ObjectStore store, String name, long offset, ByteBuffer into)
            throws IOException, FormatException {
        int wanted = into.remaining();
        ReadOutcome.Read read = readSome(store, name, offset, into);
        if (into.hasRemaining()) {
            throw new FormatException.Truncated(name, offset, "the object", read.count(), wanted);
        }
        return read.objectBytes();
    }

    /// Reads what there is.
    static ReadOutcome.Read readSome(ObjectStore store, String name, long offset, ByteBuffer into)
            throws IOException, FormatException {
        return switch (store.read(name, offset, into)) {
            case ReadOutcome.Read read -> read;
            case ReadOutcome.NotFound _ ->
                    throw new FormatException.MissingObject(
                            name, "a listing or another object names it");
        };
    }
}
