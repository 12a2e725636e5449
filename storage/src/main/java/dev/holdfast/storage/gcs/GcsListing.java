package dev.holdfast.storage.gcs;

import com.google.api.services.storage.model.Objects;
import com.google.api.services.storage.model.StorageObject;

import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.StoreNames;
import dev.holdfast.storage.bucket.ListedKeys;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/// One page of names, made of as many of the server's pages as it takes to find one.
final class GcsListing {
    /// A page may be empty where much was deleted; so many in a row are a server that goes in
    /// circles.
    static final int MAX_EMPTY_PAGES = 1000;

    private final GcsBucket bucket;
    private final GcsPlace place;
    private final String keyPrefix;
    private final int limit;

    /// The last key that was seen, and where the server says to go on if it gave none.
    private @Nullable String key;

    private @Nullable String token;
    private int emptyPages;

    /// @param prefix of the names
    GcsListing(GcsBucket bucket, String prefix, int limit) {
        this.bucket = bucket;
        this.place = bucket.place();
        this.keyPrefix = place.key(prefix);
        this.limit = limit;
    }

    /// @param name behind which it begins; empty for the beginning
    ListPage after(String name) throws IOException {
        key = name.isEmpty() ? null : place.key(name);
        while (true) {
            Objects page = bucket.list(keyPrefix, token == null ? key : null, token);
            @Nullable List<StorageObject> items = page.getItems();
            List<StorageObject> found = behind(items == null ? List.of() : items);
            List<ListPage.Entry> entries = entries(found);
            if (entries.size() > limit) {
                return new ListPage(entries.subList(0, limit), true);
            }
            @Nullable String next = page.getNextPageToken();
            if (!entries.isEmpty() || next == null) {
                return new ListPage(entries, next != null);
            }
            token = found.isEmpty() ? tokenAfterNothing(next) : null;
        }
    }

    /// The server begins with the key itself, if there is one.
    private List<StorageObject> behind(List<StorageObject> items) {
        boolean isWith =
                token == null
                        && key != null
                        && !items.isEmpty()
                        && key.equals(items.getFirst().getName());
        return isWith ? items.subList(1, items.size()) : items;
    }

    private String tokenAfterNothing(String next) throws StoreException {
        emptyPages++;
        if (next.equals(token) || emptyPages == MAX_EMPTY_PAGES) {
            throw new StoreException.Unavailable(
                    "the store's listing of %s does not get on: empty pages %d, and more to come"
                            .formatted(keyPrefix, emptyPages),
                    "Check the server.",
                    null);
        }
        return next;
    }

    private List<ListPage.Entry> entries(List<StorageObject> objects) throws StoreException {
        List<ListPage.Entry> entries = new ArrayList<>();
        for (StorageObject object : objects) {
            key =
                    ListedKeys.next(
                            keyPrefix, key, object.getName(), "on a server that knows startOffset");
            String name = place.name(key);
            // A key that is no name belongs to somebody else
            if (StoreNames.isValid(name)) {
                entries.add(new ListPage.Entry(name, bytes(object)));
            }
        }
        return entries;
    }

    private static long bytes(StorageObject object) throws StoreException {
        @Nullable BigInteger bytes = object.getSize();
        if (bytes == null || bytes.signum() < 0 || bytes.bitLength() >= Long.SIZE) {
            throw new StoreException.Unavailable(
                    "the store does not say how large " + object.getName() + " is: found " + bytes,
                    "Check the server, then try again.",
                    null);
        }
        return bytes.longValueExact();
    }
}
