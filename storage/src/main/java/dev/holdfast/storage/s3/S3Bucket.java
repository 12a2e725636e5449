package dev.holdfast.storage.s3;

import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.StoreException;

import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedMultipartUpload;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// The requests by which objects come into a bucket: each with the condition that the name is free,
/// and with digests that the server checks.
final class S3Bucket {
    /// Bodies of less fit into the buffers on the way, so that the answer is read.
    private static final int SMALL = 64 * 1024;

    private final S3Client client;
    private final S3Place place;
    private final S3Requests requests;

    /// Whether the server knows `x-amz-checksum-sha256`; one that does not gets Content-MD5 alone.
    private final AtomicBoolean takesSha256 = new AtomicBoolean(true);

    S3Bucket(S3Client client, S3Place place, S3Requests requests) {
        this.client = client;
        this.place = place;
        this.requests = requests;
    }

    S3Client client() {
        return client;
    }

    S3Place place() {
        return place;
    }

    S3Requests requests() {
        return requests;
    }

    /// What the store says of an object.
    ///
    /// @param etag without quotes
    record Stored(long bytes, String etag) {}

    Optional<Stored> find(String name) throws IOException {
        try {
            HeadObjectResponse head =
                    requests.send(
                            S3RequestKind.HEAD,
                            _ ->
                                    client.headObject(
                                            it -> it.bucket(place.bucket()).key(place.key(name))));
            long bytes = head.contentLength() == null ? 0 : head.contentLength();
            return Optional.of(new Stored(bytes, bare(head.eTag())));
        } catch (S3Exception e) {
            if (e.statusCode() == 404 && !S3Failures.code(e).equals("NoSuchBucket")) {
                return Optional.empty();
            }
            throw requests.explain(e);
        } catch (SdkException e) {
            throw requests.explain(e);
        }
    }

    CreateOutcome put(String name, StoredBytes bytes) throws IOException {
        try {
            PutObjectResponse stored = putOnce(name, bytes);
            check(name, bytes, stored.checksumSHA256(), stored.eTag());
            return new CreateOutcome.Created();
        } catch (S3Exception e) {
            if (e.statusCode() == 412) {
                return new CreateOutcome.AlreadyExists();
            }
            if (refusesSha256(e)) {
                return put(name, bytes);
            }
            throw requests.explain(e);
        } catch (SdkException e) {
            // A server that has read enough to refuse may answer and hang up before all was sent
            if (bytes.length() > SMALL && find(name).isPresent()) {
                return new CreateOutcome.AlreadyExists();
            }
            throw requests.explain(e);
        }
    }

    private PutObjectResponse putOnce(String name, StoredBytes bytes) throws IOException {
        S3Options options = place.options();
        PutObjectRequest.Builder request =
                PutObjectRequest.builder()
                        .bucket(place.bucket())
                        .key(place.key(name))
                        .ifNoneMatch("*")
                        .contentMD5(bytes.contentMd5());
        options.encryption().ifPresent(request::serverSideEncryption);
        options.kmsKey().ifPresent(request::ssekmsKeyId);
        options.storageClass().ifPresent(request::storageClass);
        if (takesSha256.get()) {
            request.checksumSHA256(bytes.sha256());
        }
        return requests.send(
                S3RequestKind.PUT,
                progress -> client.putObject(request.build(), bytes.body(progress)));
    }

    /// Says whether to ask again without it.
    boolean refusesSha256(S3Exception refusal) {
        boolean isAboutIt =
                (refusal.statusCode() == 400 || refusal.statusCode() == 501)
                        && String.valueOf(refusal.getMessage()).contains("-checksum-");
        return isAboutIt && takesSha256.getAndSet(false);
    }

    boolean takesSha256() {
        return takesSha256.get();
    }

    /// Begins an upload in parts, and returns its id.
    String beginUpload(String name) throws IOException {
        S3Options options = place.options();
        return ask(
                S3RequestKind.BEGIN_UPLOAD,
                () ->
                        client.createMultipartUpload(
                                        it -> {
                                            it.bucket(place.bucket()).key(place.key(name));
                                            options.encryption()
                                                    .ifPresent(it::serverSideEncryption);
                                            options.kmsKey().ifPresent(it::ssekmsKeyId);
                                            options.storageClass().ifPresent(it::storageClass);
                                            if (takesSha256()) {
                                                it.checksumAlgorithm(ChecksumAlgorithm.SHA256);
                                            }
                                        })
                                .uploadId());
    }

    /// Sends a part; whoever waits for it gets its ETag.
    S3Requests.Pending<CompletedPart> beginPart(
            String name, String upload, int number, StoredBytes bytes, boolean isWithSha256) {
        UploadPartRequest.Builder request =
                UploadPartRequest.builder()
                        .bucket(place.bucket())
                        .key(place.key(name))
                        .uploadId(upload)
                        .partNumber(number)
                        .contentMD5(bytes.contentMd5());
        if (isWithSha256) {
            request.checksumSHA256(bytes.sha256());
        }
        return requests.begin(
                S3RequestKind.PART,
                progress -> {
                    UploadPartResponse stored =
                            client.uploadPart(request.build(), bytes.body(progress));
                    check(name, bytes, stored.checksumSHA256(), stored.eTag());
                    CompletedPart.Builder part =
                            CompletedPart.builder().partNumber(number).eTag(stored.eTag());
                    return (isWithSha256 ? part.checksumSHA256(bytes.sha256()) : part).build();
                });
    }

    /// @throws SdkException for who knows what an answer means after a lost one
    void completeUpload(String name, String upload, List<CompletedPart> parts) throws IOException {
        requests.send(
                S3RequestKind.COMPLETE_UPLOAD,
                _ ->
                        client.completeMultipartUpload(it ->
                                it.bucket(place.bucket())
                                        .key(place.key(name))
                                        .uploadId(upload)
                                        .ifNoneMatch("*")
                                        .multipartUpload(
                                                CompletedMultipartUpload.builder()
                                                        .parts(parts)
                                                        .build())));
    }

    void abortUpload(String key, String upload) throws IOException {
        ask(
                S3RequestKind.ABORT_UPLOAD,
                () ->
                        client.abortMultipartUpload(
                                it -> it.bucket(place.bucket()).key(key).uploadId(upload)));
    }

    /// A request all of whose failures are to be explained.
    <T> T ask(S3RequestKind kind, Question<T> question) throws IOException {
        try {
            return requests.send(kind, _ -> question.ask());
        } catch (S3Exception e) {
            if (refusesSha256(e)) {
                return ask(kind, question);
            }
            throw requests.explain(e);
        } catch (SdkException e) {
            throw requests.explain(e);
        }
    }

    interface Question<T> {
        T ask() throws IOException;
    }

    /// The server says what it got. An ETag is the MD5 only where KMS has no part in it.
    private void check(String name, StoredBytes bytes, String sha256, String etag)
            throws StoreException {
        boolean isOtherSha256 = sha256 != null && !sha256.equals(bytes.sha256());
        boolean isMd5 =
                place.options().encryption().isEmpty() && bare(etag).matches("[0-9a-f]{32}");
        if (isOtherSha256 || (isMd5 && !bare(etag).equals(bytes.etag()))) {
            throw new StoreException.Unavailable(
                    "the store has acknowledged other bytes for "
                            + name
                            + " than were sent: found "
                            + (isOtherSha256 ? sha256 : etag)
                            + ", wanted "
                            + (isOtherSha256 ? bytes.sha256() : bytes.etag()),
                    "Check the network between here and the store, and run holdfast verify.",
                    null);
        }
    }

    static String bare(String etag) {
        return etag == null ? "" : etag.replace("\"", "");
    }
}
