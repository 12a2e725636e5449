package dev.holdfast.storage;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.SidecarException.StorageDenied;
import dev.holdfast.format.failure.SidecarException.StorageUnavailable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/// Finds out, before a writer trusts it, whether a store keeps the condition on which all else
/// rests: a name that is taken stays taken.
///
/// Some S3-compatible stores ignore `If-None-Match` and overwrite; on those two writers would
/// destroy each other's log without noticing.
public final class StoreProbe {
    private static final ByteBuffer FIRST = ascii("first");
    private static final ByteBuffer SECOND = ascii("other");

    private final ObjectStore store;
    private final WriterId writer;
    private final RandomGenerator random;

    public StoreProbe(ObjectStore store, WriterId writer, RandomGenerator random) {
        this.store = store;
        this.writer = writer;
        this.random = random;
    }

    /// Writes an object twice and reads it back. Returns if the second was refused.
    public void check() throws IOException {
        String name = name(writer, random);
        // AlreadyExists is a lost answer: the name is random, so nobody else has made it.
        CreateOutcome _ = store.create(name, ObjectBody.of(FIRST));
        CreateOutcome again = store.create(name, ObjectBody.of(SECOND));
        ByteBuffer found = ByteBuffer.allocate(FIRST.remaining() + 1);
        ReadOutcome read = store.read(name, 0, found);
        DeleteOutcome _ = store.delete(name);

        if (read instanceof ReadOutcome.NotFound) {
            throw new StorageUnavailable(
                    store.location()
                            + " does not have "
                            + name
                            + ", which it has just said to have stored",
                    "Check the store: it must show an object as soon as it has been written.");
        }
        if (again instanceof CreateOutcome.Created || !found.flip().equals(FIRST)) {
            throw new StorageDenied(
                    store.location(),
                    store.location()
                            + " overwrites objects: "
                            + name
                            + " was written twice, and the second was not refused",
                    "Use a store that honors create-if-absent (If-None-Match: *, or hard links in a"
                            + " folder).");
        }
    }

    /// A name that nobody else makes, of an object that is no part of an archive.
    public static String name(WriterId writer, RandomGenerator random) {
        return ObjectNames.PROBES + writer + "-" + HexFormat.of().toHexDigits(random.nextLong());
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)).asReadOnlyBuffer();
    }
}
