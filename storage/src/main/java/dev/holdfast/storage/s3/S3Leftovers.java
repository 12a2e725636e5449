package dev.holdfast.storage.s3;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.INFO;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.failure.IoReason;
import dev.holdfast.storage.StoreException;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.ListPartsResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.Part;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/// Parts that a process left behind which died in an upload. Nobody sees them, but they are paid
/// for.
///
/// Only those of an archive's own names, and of which nobody has sent a part for a day: another
/// writer may be uploading now, and what it sends is not ours to remove. Nothing in a listing says
/// whose an upload is. Where the parts are not told to us a week must have passed. (MinIO lists
/// none by a prefix, and removes them itself after a day.)
final class S3Leftovers {
    /// Since it was begun: longer than any snapshot takes, and than clocks differ.
    static final Duration AGE = Duration.ofDays(7);

    /// Since its last part, by the server's own clock. A writer that waits for so long to go on
    /// (its log can't be stored, it sleeps) begins anew.
    static final Duration REST = Duration.ofDays(1);

    /// Of a thousand uploads each. Nobody has more under the prefix of an archive.
    static final int MAX_PAGES = 20;

    /// Of one look: an upload waits for it. The next one goes on from there.
    static final Duration MAX_LOOK = Duration.ofSeconds(30);

    /// For the ten thousand parts that an upload may have.
    private static final int MAX_PAGES_OF_PARTS = 10;

    private static final System.Logger LOG = System.getLogger(S3Leftovers.class.getName());

    /// Those of this process.
    private static final Set<String> UNDER_WAY = ConcurrentHashMap.newKeySet();

    private final S3Bucket bucket;
    private final String keyPrefix;
    private final InstantSource clock;
    private final AtomicReference<Instant> lastLook = new AtomicReference<>(Instant.MIN);
    private volatile boolean isToldOfParts = true;

    /// Where the last look ended before its time.
    private volatile Place rest = Place.BEGINNING;

    /// Behind an upload, as a listing is asked for what follows.
    private record Place(@Nullable String key, @Nullable String id) {
        static final Place BEGINNING = new Place(null, null);
    }

    /// @param keyPrefix of the keys that are looked at
    S3Leftovers(S3Bucket bucket, String keyPrefix, InstantSource clock) {
        this.bucket = bucket;
        this.keyPrefix = keyPrefix;
        this.clock = clock;
    }

    /// From here on it is none, however long it rests.
    void began(S3Bucket.Upload upload) {
        UNDER_WAY.add(upload.id());
    }

    /// Nobody here goes on with it.
    void ended(S3Bucket.Upload upload) {
        UNDER_WAY.remove(upload.id());
    }

    /// Removes them, once a day: to be called before an upload in parts.
    void removeDaily() {
        Instant before = lastLook.get();
        Instant now = clock.instant();
        if (now.minus(REST).isBefore(before) || !lastLook.compareAndSet(before, now)) {
            return;
        }
        try {
            removeAll(now);
        } catch (IOException e) {
            // It may not be allowed to us; a rule of the bucket can do it too
            LOG.log(DEBUG, () -> "event=leftovers_unknown error=\"" + IoReason.of(e) + "\"");
        }
    }

    private void removeAll(Instant now) throws IOException {
        Place place = rest;
        rest = Place.BEGINNING;
        for (int i = 0; i < MAX_PAGES; i++) {
            Place asked = place;
            ListMultipartUploadsResponse page = page(asked);
            Optional<Instant> serverTime =
                    page.sdkHttpResponse().firstMatchingHeader("Date").flatMap(S3Failures::date);
            for (MultipartUpload upload : page.uploads()) {
                if (clock.instant().isAfter(now.plus(MAX_LOOK))) {
                    rest = place;
                    return;
                }
                if (isOurs(upload) && isLeft(upload, now, serverTime)) {
                    remove(upload);
                }
                place = new Place(upload.key(), upload.uploadId());
            }
            Place next = new Place(page.nextKeyMarker(), page.nextUploadIdMarker());
            boolean isMore = Boolean.TRUE.equals(page.isTruncated()) && next.key() != null;
            if (!isMore || next.equals(asked)) {
                return;
            }
            place = next;
        }
        rest = place;
    }

    /// One that can't be is not in the way of the others: it is not allowed to us, say.
    private void remove(MultipartUpload upload) throws IOException {
        try {
            bucket.abortUpload(upload.key(), upload.uploadId());
            LOG.log(INFO, () -> "event=leftover_removed key=" + upload.key());
        } catch (StoreException e) {
            LOG.log(
                    DEBUG,
                    () ->
                            "event=leftover_stays key=%s error=\"%s\""
                                    .formatted(upload.key(), IoReason.of(e)));
        }
    }

    private ListMultipartUploadsResponse page(Place place) throws IOException {
        return bucket.ask(
                S3RequestKind.LIST_UPLOADS,
                () ->
                        bucket.client()
                                .listMultipartUploads(it ->
                                        it.bucket(bucket.place().bucket())
                                                .prefix(keyPrefix)
                                                .keyMarker(place.key())
                                                .uploadIdMarker(place.id())));
    }

    /// Somebody else may upload into the same bucket, and take weeks for it.
    private boolean isOurs(MultipartUpload upload) {
        @Nullable String key = upload.key();
        if (key == null || !key.startsWith(bucket.place().key(""))) {
            return false;
        }
        String name = bucket.place().name(key);
        return ObjectNames.logSeq(name).isPresent()
                || ObjectNames.snapshotSeq(name).isPresent()
                || name.startsWith(ObjectNames.PROBES);
    }

    private boolean isLeft(MultipartUpload upload, Instant now, Optional<Instant> serverTime) {
        @Nullable Instant initiated = upload.initiated();
        if (initiated == null || UNDER_WAY.contains(upload.uploadId())) {
            return false;
        }
        if (initiated.isBefore(now.minus(AGE))) {
            return true;
        }
        return serverTime
                .map(time -> time.minus(REST))
                .filter(time -> initiated.isBefore(time) && isAtRestSince(upload, time))
                .isPresent();
    }

    /// Whether no part of it is newer, as far as that is told.
    private boolean isAtRestSince(MultipartUpload upload, Instant time) {
        @Nullable Integer after = null;
        for (int i = 0; i < MAX_PAGES_OF_PARTS && isToldOfParts; i++) {
            ListPartsResponse page;
            try {
                page = parts(upload, after);
            } catch (StoreException.Denied e) {
                isToldOfParts = false;
                return false;
            } catch (IOException e) {
                return false;
            }
            if (!page.parts().stream().allMatch(part -> isBefore(part, time))) {
                return false;
            }
            if (!Boolean.TRUE.equals(page.isTruncated())) {
                return true;
            }
            after = page.nextPartNumberMarker();
        }
        return false;
    }

    private ListPartsResponse parts(MultipartUpload upload, @Nullable Integer after)
            throws IOException {
        return bucket.ask(
                S3RequestKind.LIST_PARTS,
                () ->
                        bucket.client()
                                .listParts(it ->
                                        it.bucket(bucket.place().bucket())
                                                .key(upload.key())
                                                .uploadId(upload.uploadId())
                                                .partNumberMarker(after)));
    }

    private static boolean isBefore(Part part, Instant time) {
        @Nullable Instant stored = part.lastModified();
        return stored != null && stored.isBefore(time);
    }
}
