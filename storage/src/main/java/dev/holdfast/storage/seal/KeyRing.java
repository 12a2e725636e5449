package dev.holdfast.storage.seal;

import dev.holdfast.format.Digest;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ReadOutcome;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// The identities of a reader, and the data keys that they have opened. May be used by several
/// threads.
public final class KeyRing {
    /// Of a reader who was given none.
    public static final KeyRing EMPTY = new KeyRing(List.of(), null);

    /// An archive has a data key for each start of its writer, and reading mostly needs the last.
    private static final int MOST_KEPT = 64;

    private static final int LIST_LIMIT = 100;

    private final List<Identity> identities;
    private final @Nullable ObjectStore store;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Digest, byte[]> opened = new LinkedHashMap<>();

    private KeyRing(List<Identity> identities, @Nullable ObjectStore store) {
        this.identities = List.copyOf(identities);
        this.store = store;
    }

    /// Of a reader.
    ///
    /// @param store looked at for further wraps of a data key; stays the caller's to close
    public static KeyRing of(List<Identity> identities, ObjectStore store) {
        return new KeyRing(identities, store);
    }

    /// Whether there is no identity.
    public boolean isEmpty() {
        return identities.isEmpty();
    }

    /// The data key of an age file that was read at `at` of `object`.
    ///
    /// @throws SidecarException `MissingKey` or `WrongKey`, if no identity opens it
    byte[] open(WrappedKey wrapped, String object, long at) throws IOException, FormatException {
        if (identities.isEmpty()) {
            throw new SidecarException.MissingKey(
                    object + " is encrypted, and no identity was given",
                    "Give the file of an identity that may read this archive: --identity FILE.");
        }
        lock.lock();
        try {
            byte[] known = opened.get(wrapped.digest());
            if (known == null) {
                Optional<byte[]> found = wrapped.unwrap(identities, object, at);
                known = found.isPresent() ? found.get() : further(wrapped, object);
                keep(wrapped.digest(), known);
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    private void keep(Digest wrap, byte[] key) {
        if (opened.size() == MOST_KEPT) {
            opened.remove(opened.keySet().iterator().next());
        }
        opened.put(wrap, key);
    }

    /// Of all that lies there for this data key. One that is damaged, or was never a wrap, hides no
    /// other, and is told only if it should have been for one of us.
    private byte[] further(WrappedKey wrapped, String object) throws IOException, FormatException {
        String prefix = ObjectNames.keysOf(wrapped.digest());
        @Nullable FormatException ownDamage = null;
        String after = null;
        ListPage page;
        do {
            page = store().list(prefix, after, LIST_LIMIT);
            for (ListPage.Entry entry : page.entries()) {
                after = entry.name();
                try {
                    Optional<byte[]> key =
                            ObjectNames.isKey(after) ? stored(after) : Optional.empty();
                    if (key.isPresent()) {
                        return key.get();
                    }
                } catch (FormatException e) {
                    ownDamage = isOurs(after, wrapped) ? e : ownDamage;
                }
            }
        } while (page.isTruncated());
        if (ownDamage != null) {
            throw ownDamage;
        }
        throw new SidecarException.WrongKey(
                "none of the %d identities that were given opens the data key of %s"
                        .formatted(identities.size(), object),
                "Give the identity of one of its recipients; whoever has one can add another by"
                        + " holdfast key add.");
    }

    private boolean isOurs(String name, WrappedKey wrapped) {
        return identities.stream()
                .map(identity -> ObjectNames.key(wrapped.digest(), identity.recipient().digest()))
                .anyMatch(name::equals);
    }

    private ObjectStore store() {
        if (store == null) {
            throw new IllegalStateException("a ring with identities has a store");
        }
        return store;
    }

    private Optional<byte[]> stored(String name) throws IOException, FormatException {
        ByteBuffer bytes = ByteBuffer.allocate(WrappedKey.MAX_BYTES + 1);
        return switch (store().read(name, 0, bytes)) {
            case ReadOutcome.Read _ -> {
                int length = bytes.position();
                if (length > WrappedKey.MAX_BYTES) {
                    throw new FormatException.BadField(
                            name, 0, "length", "more", "at most " + WrappedKey.MAX_BYTES);
                }
                yield new WrappedKey(Arrays.copyOf(bytes.array(), length))
                        .unwrap(identities, name, 0);
            }
            case ReadOutcome.NotFound _ -> Optional.empty();
        };
    }

    /// The same data key for another recipient, to be stored by [ObjectNames#key].
    ///
    /// @throws SidecarException if no identity opens it
    public WrappedKey wrapAgain(WrappedKey wrapped, Recipient recipient, String object)
            throws IOException, FormatException {
        return WrappedKey.of(open(wrapped, object, 0), List.of(recipient));
    }

    @Override
    public String toString() {
        return identities.size() + " identities";
    }
}
