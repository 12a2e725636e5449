package dev.holdfast.storage.s3;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.INFO;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.failure.IoReason;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;

/// Parts that a process left behind which died in an upload. Nobody sees them, but they are paid
/// for.
///
/// Only those of an archive's own names, and that are days old: another writer may be uploading
/// now, and what it sends is not ours to remove. (MinIO lists none by a prefix, and removes them
/// itself after a day.)
final class S3Leftovers {
    /// Longer than any snapshot takes, and than clocks differ.
    static final Duration AGE = Duration.ofDays(7);

    private static final System.Logger LOG = System.getLogger(S3Leftovers.class.getName());

    private final S3Bucket bucket;
    private final String keyPrefix;
    private final InstantSource clock;
    private final AtomicBoolean isDone = new AtomicBoolean();

    /// @param keyPrefix of the keys that are looked at
    S3Leftovers(S3Bucket bucket, String keyPrefix, InstantSource clock) {
        this.bucket = bucket;
        this.keyPrefix = keyPrefix;
        this.clock = clock;
    }

    /// Removes them the first time it is called: before the first upload in parts of a process.
    void abortOnce() {
        if (isDone.getAndSet(true)) {
            return;
        }
        try {
            Instant before = clock.instant().minus(AGE);
            ListMultipartUploadsResponse page =
                    bucket.ask(
                            S3RequestKind.LIST_UPLOADS,
                            () ->
                                    bucket.client()
                                            .listMultipartUploads(it ->
                                                    it.bucket(bucket.place().bucket())
                                                            .prefix(keyPrefix)));
            for (MultipartUpload upload : page.uploads()) {
                if (isOurs(upload) && isBefore(upload, before)) {
                    bucket.abortUpload(upload.key(), upload.uploadId());
                    LOG.log(INFO, () -> "event=leftover_removed key=" + upload.key());
                }
            }
        } catch (IOException e) {
            // It may not be allowed to us; a rule of the bucket can do it too
            LOG.log(DEBUG, () -> "event=leftovers_unknown error=\"" + IoReason.of(e) + "\"");
        }
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

    private static boolean isBefore(MultipartUpload upload, Instant time) {
        @Nullable Instant initiated = upload.initiated();
        return initiated != null && initiated.isBefore(time);
    }
}
