package dev.holdfast.storage.bucket;

import dev.holdfast.storage.StoreException;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The keys of a bucket's listing. What is listed decides where a log ends: so nothing is made of
/// keys that were not asked for.
public final class ListedKeys {
    private ListedKeys() {}

    /// The next key, if it may be it: all that reads a listing relies on its order, and a page from
    /// the beginning would be read for ever.
    ///
    /// @param before the key before it, or the one behind which the listing begins
    /// @param wanted which bucket would do
    public static String next(
            String keyPrefix, @Nullable String before, @Nullable String found, String wanted)
            throws StoreException {
        if (found == null || !found.startsWith(keyPrefix)) {
            throw new StoreException.Denied(
                    "the store lists what was not asked for: found %s, wanted %s…"
                            .formatted(found, keyPrefix),
                    "Use a server that lists by prefix.",
                    null);
        }
        if (before != null && !isBefore(before, found)) {
            throw new StoreException.Denied(
                    "the store does not list in order: %s after %s".formatted(found, before),
                    "Use a bucket that lists by name " + wanted + ".",
                    null);
        }
        return found;
    }

    /// By the bytes of UTF-8, as buckets list; Java's own order differs beyond the names that we
    /// use.
    private static boolean isBefore(String a, String b) {
        return Arrays.compareUnsigned(
                        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8))
                < 0;
    }
}
