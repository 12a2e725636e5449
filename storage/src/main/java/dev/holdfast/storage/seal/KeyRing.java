package dev.holdfast.storage.seal;

import dev.holdfast.format.Digest;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.ObjectStore;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
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
        @Nullable FormatException ownDamage = null;
        for (String name : FurtherWraps.names(store(), ObjectNames.keysOf(wrapped.digest()))) {
            try {
                Optional<WrappedKey> further = FurtherWraps.read(store(), name);
                Optional<byte[]> key =
                        further.isPresent()
                                ? further.get().unwrap(identities, name, 0)
                                : Optional.empty();
                if (key.isPresent()) {
                    return key.get();
                }
            } catch (FormatException e) {
                ownDamage = isOurs(name, wrapped) ? e : ownDamage;
            }
        }
        if (ownDamage != null) {
            throw ownDamage;
        }
        throw new SidecarException.WrongKey(
                "%s opens the data key of %s"
                        .formatted(
                                identities.size() == 1
                                        ? "the identity that was given is not one that"
                                        : "none of the %d identities that were given"
                                                .formatted(identities.size()),
                                object),
                "Give the identity of one of its recipients; whoever has one can add another by"
                        + " holdfast key add.");
    }

    private boolean isOurs(String name, WrappedKey wrapped) {
        return identities.stream()
                .map(it -> ObjectNames.keysOf(wrapped.digest(), it.recipient().digest()))
                .anyMatch(name::startsWith);
    }

    private ObjectStore store() {
        if (store == null) {
            throw new IllegalStateException("a ring with identities has a store");
        }
        return store;
    }

    /// The same data key for another recipient, to be stored by [FurtherWraps#create].
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
