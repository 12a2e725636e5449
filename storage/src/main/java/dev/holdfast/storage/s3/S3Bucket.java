package dev.holdfast.storage.s3;

import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.bucket.WatchedRequests;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.AbortMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompletedMultipartUpload;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// The requests by which objects come into a bucket: each with the condition that the name is free,
/// and with digests that the server checks.
final class S3Bucket {
    /// Bodies of less fit into the buffers on the way, so that the answer is read.
    private static final int SMALL = 64 * 1024;

    private final S3Client client;
    private final S3Place place;
    private final S3Requests requests;
    private final S3PartsProof partsProof = new S3PartsProof(this);

    /// Whether the server knows `x-amz-checksum-sha256`; one that does not gets Content-MD5 alone.
    private volatile boolean takesSha256 = true;

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

    /// To be asked before an upload in parts.
    S3PartsProof partsProof() {
        return partsProof;
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
            @Nullable Long bytes = head.contentLength();
            if (bytes == null) {
                throw new StoreException.Unavailable(
                        "the store does not say how large " + name + " is",
                        "Check what stands between here and the store: a proxy that drops"
                                + " Content-Length, say.",
                        null);
            }
            return Optional.of(new Stored(bytes, bare(head.eTag())));
        } catch (S3Exception e) {
            return afterRefusal(name);
        } catch (SdkException e) {
            throw requests.explain(e);
        }
    }

    /// The answer to a HEAD has no words: whether the object is missing, or the bucket, or a token
    /// has expired, is said only to who asks for a byte.
    private Optional<Stored> afterRefusal(String name) throws IOException {
        try {
            requests.send(
                    S3RequestKind.GET,
                    _ ->
                            client.getObject(
                                    it ->
                                            it.bucket(place.bucket())
                                                    .key(place.key(name))
                                                    .range("bytes=0-0"),
                                    (answer, _) -> answer));
        } catch (S3Exception e) {
            if (S3Failures.code(e).equals("NoSuchKey")) {
                return Optional.empty();
            }
            throw requests.explain(e);
        } catch (SdkException e) {
            throw requests.explain(e);
        }
        throw new StoreException.Unavailable(
                "the store tells nothing of " + name + ", which it gives",
                "Try again; allow HEAD, if something stands between here and the store.",
                null);
    }

    CreateOutcome put(String name, StoredBytes bytes) throws IOException {
        boolean isWithSha256 = takesSha256;
        try {
            PutObjectResponse stored = putOnce(name, bytes, isWithSha256);
            S3Acknowledgement answer = S3Acknowledgement.of(name, stored);
            answer.check(bytes);
            answer.checkEncryption(place.options());
            return new CreateOutcome.Created();
        } catch (S3Exception e) {
            if (e.statusCode() == 412) {
                return new CreateOutcome.AlreadyExists();
            }
            if (isWithSha256 && refusesSha256(e)) {
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

    private PutObjectResponse putOnce(String name, StoredBytes bytes, boolean isWithSha256)
            throws IOException {
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
        if (isWithSha256) {
            request.checksumSHA256(bytes.sha256());
        }
        return requests.send(
                S3RequestKind.PUT,
                progress -> client.putObject(request.build(), bytes.body(progress)));
    }

    /// Whether a request with a SHA-256 was refused because of it, so that it is to be sent again
    /// without. From here on none is sent with one.
    boolean refusesSha256(S3Exception refusal) {
        boolean isAboutIt =
                (refusal.statusCode() == 400 || refusal.statusCode() == 501)
                        && String.valueOf(refusal.getMessage()).contains("-checksum-");
        if (isAboutIt) {
            takesSha256 = false;
        }
        return isAboutIt;
    }

    /// An upload in parts.
    ///
    /// @param isWithSha256 whether its parts are to be sent with one
    record Upload(String id, boolean isWithSha256) {}

    Upload beginUpload(String name) throws IOException {
        boolean isWithSha256 = takesSha256;
        try {
            CreateMultipartUploadResponse begun =
                    requests.send(
                            S3RequestKind.BEGIN_UPLOAD,
                            _ -> client.createMultipartUpload(beginning(name, isWithSha256)));
            return new Upload(S3Acknowledgement.begun(name, begun), isWithSha256);
        } catch (S3Exception e) {
            if (isWithSha256 && refusesSha256(e)) {
                return beginUpload(name);
            }
            throw requests.explain(e);
        } catch (SdkException e) {
            throw requests.explain(e);
        }
    }

    private CreateMultipartUploadRequest beginning(String name, boolean isWithSha256) {
        S3Options options = place.options();
        CreateMultipartUploadRequest.Builder request =
                CreateMultipartUploadRequest.builder().bucket(place.bucket()).key(place.key(name));
        options.encryption().ifPresent(request::serverSideEncryption);
        options.kmsKey().ifPresent(request::ssekmsKeyId);
        options.storageClass().ifPresent(request::storageClass);
        if (isWithSha256) {
            request.checksumAlgorithm(ChecksumAlgorithm.SHA256);
        }
        return request.build();
    }

    /// Sends a part; whoever waits for it gets its ETag.
    WatchedRequests.Pending<CompletedPart> beginPart(
            String name, Upload upload, int number, StoredBytes bytes) throws IOException {
        UploadPartRequest.Builder request =
                UploadPartRequest.builder()
                        .bucket(place.bucket())
                        .key(place.key(name))
                        .uploadId(upload.id())
                        .partNumber(number)
                        .contentMD5(bytes.contentMd5());
        if (upload.isWithSha256()) {
            request.checksumSHA256(bytes.sha256());
        }
        return requests.begin(
                S3RequestKind.PART,
                progress -> {
                    UploadPartResponse stored =
                            client.uploadPart(request.build(), bytes.body(progress));
                    S3Acknowledgement.of(name, stored).check(bytes);
                    CompletedPart.Builder part =
                            CompletedPart.builder().partNumber(number).eTag(stored.eTag());
                    return (upload.isWithSha256() ? part.checksumSHA256(bytes.sha256()) : part)
                            .build();
                });
    }

    /// @throws SdkException for who knows what an answer means after a lost one
    S3Acknowledgement completeUpload(String name, String upload, List<CompletedPart> parts)
            throws IOException {
        CompleteMultipartUploadResponse answer =
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
        return S3Acknowledgement.completed(name, answer);
    }

    /// @throws SdkException for who knows what a refusal means
    void delete(String name) throws IOException {
        requests.send(
                S3RequestKind.DELETE,
                _ -> client.deleteObject(it -> it.bucket(place.bucket()).key(place.key(name))));
    }

    void abortUpload(String key, String upload) throws IOException {
        try {
            AbortMultipartUploadResponse _ =
                    requests.send(
                            S3RequestKind.ABORT_UPLOAD,
                            _ ->
                                    client.abortMultipartUpload(it ->
                                            it.bucket(place.bucket()).key(key).uploadId(upload)));
        } catch (S3Exception e) {
            if (!S3Failures.code(e).equals("NoSuchUpload")) { // as it was to be
                throw requests.explain(e);
            }
        } catch (SdkException e) {
            throw requests.explain(e);
        }
    }

    /// A request all of whose failures are to be explained.
    <T> T ask(S3RequestKind kind, Question<T> question) throws IOException {
        try {
            return requests.send(kind, _ -> question.ask());
        } catch (SdkException e) {
            throw requests.explain(e);
        }
    }

    interface Question<T> {
        T ask() throws IOException;
    }

    static String bare(@Nullable String etag) {
        return etag == null ? "" : etag.replace("\"", "");
    }
}
