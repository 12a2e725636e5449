package dev.holdfast.storage;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/// A place for immutable objects under names such as `log/0000000000000001.seg` ([StoreNames] has
/// the rule).
///
/// Every object is written once, on the condition that its name is free; nothing is overwritten or
/// renamed. An object appears whole or not at all, and once [CreateOutcome.Created] is returned it
/// survives a loss of power. All methods may be called from several threads, and from several
/// processes on one place.
///
/// An `IOException` means that the call may or may not have had its effect: the same call with the
/// same bytes may be made again, and [CreateOutcome.AlreadyExists] is then resolved by reading.
/// [dev.holdfast.storage.RetryingObjectStore] does the former; what it throws after that are the
/// storage cases of [dev.holdfast.format.failure.SidecarException].
public interface ObjectStore extends AutoCloseable {

    /// Writes a whole object.
    ///
    /// @param body read from its beginning at every call
    CreateOutcome create(String name, ObjectBody body) throws IOException;

    /// Begins an object whose length is not known yet. It exists once [ObjectUpload#commit] has
    /// returned `Created`.
    ObjectUpload upload(String name) throws IOException;

    /// Fills `into` from its position with the object's bytes from `offset` on, as many as both
    /// have.
    ReadOutcome read(String name, long offset, ByteBuffer into) throws IOException;

    /// Names that begin with `prefix`, ascending by their bytes, those after `startAfter` only.
    ///
    /// @param limit at most so many, 1 to 1,000; a store may give fewer and still say that there
    ///   are more
    ListPage list(String prefix, @Nullable String startAfter, int limit) throws IOException;

    /// Removes an object. Nothing depends on it for correctness.
    DeleteOutcome delete(String name) throws IOException;

    /// How an operator knows this place: `file:/srv/archive`, `s3://bucket/prefix`. Without
    /// secrets.
    String location();

    /// How many requests of each kind were sent to whoever counts them for a bill, by the kind's
    /// name, such as `put`; nothing where requests are free.
    default Map<String, Long> requests() {
        return Map.of();
    }

    @Override
    void close();
}
