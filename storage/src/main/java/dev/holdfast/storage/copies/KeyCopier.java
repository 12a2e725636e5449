package dev.holdfast.storage.copies;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ReadOutcome;
import dev.holdfast.storage.seal.WrappedKey;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Copies the further wraps of data keys that a copy lacks. They are small, and as many as there
/// are data keys and recipients that came later.
final class KeyCopier {
    private static final int LIST_LIMIT = 1_000;

    private KeyCopier() {}

    /// What was stored.
    static List<Copied.Stored> copy(ObjectStore from, ObjectStore to) throws IOException {
        Set<String> lacking = names(from);
        if (!lacking.isEmpty()) {
            lacking.removeAll(names(to));
        }
        List<Copied.Stored> stored = new ArrayList<>();
        for (String name : lacking) {
            ByteBuffer bytes = ByteBuffer.allocate(WrappedKey.MAX_BYTES + 1);
            boolean isThere = from.read(name, 0, bytes) instanceof ReadOutcome.Read;
            boolean isKey = isThere && bytes.hasRemaining(); // a longer one is none
            if (isKey
                    && to.create(name, ObjectBody.of(bytes.flip()))
                            instanceof CreateOutcome.Created) {
                stored.add(new Copied.Stored(name, bytes.limit()));
            }
        }
        return stored;
    }

    private static Set<String> names(ObjectStore store) throws IOException {
        Set<String> names = new TreeSet<>();
        String after = null;
        ListPage page;
        do {
            page = store.list(ObjectNames.KEYS, after, LIST_LIMIT);
            for (ListPage.Entry entry : page.entries()) {
                after = entry.name();
                if (ObjectNames.isKey(after)) {
                    names.add(after);
                }
            }
        } while (page.isTruncated());
        return names;
    }
}
