package dev.holdfast.storage.s3;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.StoreException;

import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;

import java.io.IOException;
import java.util.List;
import java.util.UUID;

/// Finds out, before the first object goes in parts, whether a name that is taken stays taken at
/// their completion too.
///
/// [dev.holdfast.storage.StoreProbe] asks of whole objects only, and there are servers that know
/// the condition there and pass over it here: on those a large log object of one writer would
/// replace that of another.
final class S3PartsProof {
    private final S3Bucket bucket;
    private volatile boolean isProven;

    S3PartsProof(S3Bucket bucket) {
        this.bucket = bucket;
    }

    /// Asks until there was an answer, and then never again.
    ///
    /// @throws StoreException.Denied if the store overwrites
    void proveOnce() throws IOException {
        if (isProven) {
            return;
        }
        String name = ObjectNames.PROBES + "parts-" + UUID.randomUUID();
        StoredBytes bytes = new StoredBytes(new byte[] {'p'}, 1);
        // AlreadyExists is a lost answer: the name is random
        CreateOutcome _ = bucket.put(name, bytes);
        boolean isRefused = isRefused(name, bytes);
        remove(name);
        if (!isRefused) {
            throw new StoreException.Denied(
                    "the store overwrites objects that come in parts: "
                            + name
                            + " was there, and the completion of another was not refused",
                    "Use a server that honors If-None-Match: * on CompleteMultipartUpload too.",
                    null);
        }
        isProven = true;
    }

    private boolean isRefused(String name, StoredBytes bytes) throws IOException {
        S3Bucket.Upload upload = bucket.beginUpload(name);
        boolean isRefused = true;
        try {
            CompletedPart part = bucket.beginPart(name, upload, 1, bytes).await();
            S3Acknowledgement _ = bucket.completeUpload(name, upload.id(), List.of(part));
            isRefused = false;
        } catch (S3Exception e) {
            if (!List.of("PreconditionFailed", "412").contains(S3Failures.code(e))) {
                throw bucket.requests().explain(e);
            }
        } catch (SdkException e) {
            throw bucket.requests().explain(e);
        } finally {
            if (isRefused) {
                drop(name, upload);
            }
        }
        return isRefused;
    }

    private void drop(String name, S3Bucket.Upload upload) {
        try {
            bucket.abortUpload(bucket.place().key(name), upload.id());
        } catch (IOException _) {
            // One byte, until it is found a leftover
        }
    }

    /// A writer need not be allowed to: then it stays.
    private void remove(String name) {
        try {
            bucket.delete(name);
        } catch (SdkException | IOException _) {
            // A byte under a name that nobody reads
        }
    }
}
