package dev.holdfast.storage.seal;

import dev.holdfast.format.Digest;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ReadOutcome;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The wraps of data keys for recipients that came later, as they lie in a store. The name of each
/// has its digest in it: a damaged one is found without any key, and is not in the way of another.
public final class FurtherWraps {
    private static final int LIST_LIMIT = 1_000;

    private FurtherWraps() {}

    /// Their names, sorted.
    ///
    /// @param prefix one of those of [ObjectNames]
    public static List<String> names(ObjectStore store, String prefix) throws IOException {
        List<String> names = new ArrayList<>();
        String after = null;
        ListPage page;
        do {
            page = store.list(prefix, after, LIST_LIMIT);
            for (ListPage.Entry entry : page.entries()) {
                after = entry.name();
                if (ObjectNames.isKey(after)) {
                    names.add(after);
                }
            }
        } while (page.isTruncated());
        return names;
    }

    /// Reads one; empty if it is not there.
    ///
    /// @throws FormatException if it is not what its name says
    public static Optional<WrappedKey> read(ObjectStore store, String name)
            throws IOException, FormatException {
        ByteBuffer bytes = ByteBuffer.allocate(WrappedKey.MAX_BYTES + 1);
        if (store.read(name, 0, bytes) instanceof ReadOutcome.NotFound) {
            return Optional.empty();
        }
        int length = bytes.position();
        if (length > WrappedKey.MAX_BYTES) {
            throw new FormatException.BadField(
                    name, 0, "length", "more", "at most " + WrappedKey.MAX_BYTES);
        }
        WrappedKey wrap = new WrappedKey(Arrays.copyOf(bytes.array(), length));
        String wanted = ObjectNames.keyContent(name);
        String found = wrap.digest().toString();
        if (!found.startsWith(wanted)) {
            throw new FormatException.DigestMismatch(
                    name, 0, "the object", found, "one that begins with " + wanted);
        }
        return Optional.of(wrap);
    }

    /// Whether one for this recipient is there and whole.
    ///
    /// @param wrap digest of the age file that the log has the data key in
    public static boolean isThere(ObjectStore store, Digest wrap, Recipient recipient)
            throws IOException {
        for (String name : names(store, ObjectNames.keysOf(wrap, recipient.digest()))) {
            try {
                if (read(store, name).isPresent()) {
                    return true;
                }
            } catch (FormatException _) {
                // Another one can be stored beside it
            }
        }
        return false;
    }

    /// Stores one.
    ///
    /// @param wrap digest of the age file that the log has the data key in
    public static CreateOutcome create(
            ObjectStore store, Digest wrap, Recipient recipient, WrappedKey further)
            throws IOException {
        return store.create(
                ObjectNames.key(wrap, recipient.digest(), further.digest()),
                ObjectBody.of(further.bytes()));
    }
}
