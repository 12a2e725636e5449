package dev.holdfast.storage.s3;

import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.StoreNames;
import dev.holdfast.storage.bucket.ListedKeys;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// One page of names, made of as many of the server's pages as it takes to find one.
///
/// What is listed decides where a log ends: so nothing is made of an answer that is not whole, and
/// of keys that were not asked for.
final class S3Listing {
    /// A page may be empty where much was deleted; so many in a row are a server that goes in
    /// circles.
    static final int MAX_EMPTY_PAGES = 1000;

    private final S3Bucket bucket;
    private final S3Place place;
    private final String keyPrefix;
    private final int limit;

    /// The last key that was seen, and where the server says to go on if it gave none.
    private @Nullable String key;

    private @Nullable String token;
    private int emptyPages;

    /// @param prefix of the names
    S3Listing(S3Bucket bucket, String prefix, int limit) {
        this.bucket = bucket;
        this.place = bucket.place();
        this.keyPrefix = place.key(prefix);
        this.limit = limit;
    }

    /// @param name behind which it begins; empty for the beginning
    ListPage after(String name) throws IOException {
        key = name.isEmpty() ? null : place.key(name);
        while (true) {
            ListObjectsV2Response page = page();
            List<ListPage.Entry> entries = entries(page.contents());
            if (entries.size() > limit) {
                return new ListPage(entries.subList(0, limit), true);
            }
            boolean isTruncated = isTruncated(page);
            if (!entries.isEmpty() || !isTruncated) {
                return new ListPage(entries, isTruncated);
            }
            token = page.contents().isEmpty() ? tokenAfterNothing(page) : null;
        }
    }

    /// Always a whole page: it costs the same, and MinIO, where a folder and other names begin
    /// alike (`a/`, `a-`), counts what lies before the start too and ends short of a smaller limit
    /// without saying that there is more. Encoded, as XML has no way to say some characters that
    /// somebody else's keys may have.
    private ListObjectsV2Response page() throws IOException {
        @Nullable String startAfter = token == null ? key : null;
        return bucket.ask(
                S3RequestKind.LIST,
                () ->
                        bucket.client()
                                .listObjectsV2(it ->
                                        it.bucket(place.bucket())
                                                .prefix(keyPrefix)
                                                .startAfter(startAfter)
                                                .continuationToken(token)
                                                .encodingType(EncodingType.URL)
                                                .maxKeys(StoreNames.MAX_PAGE)));
    }

    /// S3 says it always; an answer that does not is of something else.
    private boolean isTruncated(ListObjectsV2Response page) throws StoreException {
        @Nullable Boolean isTruncated = page.isTruncated();
        if (isTruncated == null) {
            throw new StoreException.Unavailable(
                    "the answer to a listing of " + keyPrefix + " does not say whether it is all",
                    "Check what stands between here and the store: a proxy, or a server that is"
                            + " none.",
                    null);
        }
        return isTruncated;
    }

    private String tokenAfterNothing(ListObjectsV2Response page) throws StoreException {
        @Nullable String next = page.nextContinuationToken();
        emptyPages++;
        if (next == null || next.equals(token) || emptyPages == MAX_EMPTY_PAGES) {
            throw new StoreException.Unavailable(
                    "the store's listing of %s does not get on: empty pages %d, and more to come"
                            .formatted(keyPrefix, emptyPages),
                    "Check the server; where much was deleted, let a rule of the bucket remove"
                            + " delete markers.",
                    null);
        }
        return next;
    }

    private List<ListPage.Entry> entries(List<S3Object> objects) throws StoreException {
        List<ListPage.Entry> entries = new ArrayList<>();
        for (S3Object object : objects) {
            key =
                    ListedKeys.next(
                            keyPrefix,
                            key,
                            object.key(),
                            "(not a directory bucket), on a server that knows start-after");
            String name = place.name(key);
            // A key that is no name belongs to somebody else
            if (StoreNames.isValid(name)) {
                entries.add(new ListPage.Entry(name, bytes(object)));
            }
        }
        return entries;
    }

    private static long bytes(S3Object object) throws StoreException {
        @Nullable Long bytes = object.size();
        if (bytes == null || bytes < 0) {
            throw new StoreException.Unavailable(
                    "the store does not say how large " + object.key() + " is: found " + bytes,
                    "Check the server, then try again.",
                    null);
        }
        return bytes;
    }
}
