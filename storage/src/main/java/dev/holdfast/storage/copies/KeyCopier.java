package dev.holdfast.storage.copies;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.seal.FurtherWraps;
import dev.holdfast.storage.seal.WrappedKey;

import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Copies the further wraps of data keys that a copy lacks. They are small, and as many as there
/// are data keys and recipients that came later.
final class KeyCopier {
    private KeyCopier() {}

    /// Does it. What is damaged is told and left out.
    static void copy(ObjectStore from, ObjectStore to, Filling.Watch watch, long lastSeq)
            throws IOException {
        Set<String> lacking = new TreeSet<>(FurtherWraps.names(from, ObjectNames.KEYS));
        if (!lacking.isEmpty()) {
            FurtherWraps.names(to, ObjectNames.KEYS).forEach(lacking::remove);
        }
        for (String name : lacking) {
            watch.checkStop();
            try {
                Optional<WrappedKey> key = FurtherWraps.read(from, name);
                if (key.isPresent()
                        && to.create(name, ObjectBody.of(key.get().bytes()))
                                instanceof CreateOutcome.Created) {
                    watch.stored(new Copied.Stored(name, key.get().bytes().remaining()), lastSeq);
                }
            } catch (FormatException e) {
                watch.damaged(e);
            }
        }
    }
}
