package dev.holdfast.storage.s3;

import dev.holdfast.storage.StoreException;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

import java.util.Optional;
import java.util.regex.Pattern;

/// What a store says that it has stored. The status alone proves nothing: a proxy, a web server or
/// a portal says 200 to whatever it is sent, and S3 itself says it before it puts parts together.
///
/// @param etag S3 sends one with all that it stores
record S3Acknowledgement(
        String name, @Nullable String etag, @Nullable String sha256, @Nullable String encryption) {
    private static final Pattern MD5 = Pattern.compile("[0-9a-f]{32}");

    /// And how many parts there are. Servers that count otherwise have other forms.
    private static final Pattern MD5_OF_MD5S = Pattern.compile("[0-9a-f]{32}-\\d{1,5}");

    /// By S3's own key: the ETag stays the MD5 of what was sent.
    private static final String AES256 = "AES256";

    static S3Acknowledgement of(String name, PutObjectResponse answer) {
        return new S3Acknowledgement(
                name,
                answer.eTag(),
                answer.checksumSHA256(),
                answer.serverSideEncryptionAsString());
    }

    static S3Acknowledgement of(String name, UploadPartResponse answer) {
        return new S3Acknowledgement(
                name,
                answer.eTag(),
                answer.checksumSHA256(),
                answer.serverSideEncryptionAsString());
    }

    /// Returns the upload's id. MinIO does not say here how the object is going to be encrypted.
    static String begun(String name, CreateMultipartUploadResponse answer) throws StoreException {
        @Nullable String id = answer.uploadId();
        if (id == null || id.isEmpty()) {
            throw incomplete(name, "id of an upload");
        }
        return id;
    }

    /// Of an object in parts. The answer's body comes long after its status.
    static S3Acknowledgement completed(String name, CompleteMultipartUploadResponse answer)
            throws StoreException {
        if (S3Bucket.bare(answer.eTag()).isEmpty()) {
            throw incomplete(name, "ETag");
        }
        return new S3Acknowledgement(
                name, answer.eTag(), null, answer.serverSideEncryptionAsString());
    }

    /// Whether it names another object than the parts make.
    ///
    /// @param ofParts the ETag that their MD5s make
    boolean isOfOther(String ofParts) {
        String found = S3Bucket.bare(etag);
        return isByMd5() && MD5_OF_MD5S.matcher(found).matches() && !found.equals(ofParts);
    }

    /// That it is of these bytes.
    void check(StoredBytes bytes) throws StoreException {
        if (S3Bucket.bare(etag).isEmpty()) {
            throw incomplete(name, "ETag");
        }
        if (sha256 != null) {
            if (!sha256.equals(bytes.sha256())) {
                throw otherBytes(sha256, bytes.sha256());
            }
        } else if (isByMd5()
                && MD5.matcher(S3Bucket.bare(etag)).matches()
                && !S3Bucket.bare(etag).equals(bytes.etag())) {
            throw otherBytes(String.valueOf(etag), bytes.etag());
        }
    }

    /// With a key of KMS, be it the bucket's default, an ETag looks like an MD5 and is none.
    private boolean isByMd5() {
        return encryption == null || encryption.equals(AES256);
    }

    /// That it is kept as the operator wants it. Servers that do not know a header pass over it.
    void checkEncryption(S3Options options) throws StoreException {
        Optional<String> wanted = options.encryption();
        if (wanted.isPresent() && !wanted.get().equals(encryption)) {
            throw new StoreException.Denied(
                    "the store does not encrypt %s: found sse=%s, wanted sse=%s"
                            .formatted(
                                    name, encryption == null ? "none" : encryption, wanted.get()),
                    "Use a server that encrypts so, or leave sse= out of the location.",
                    null);
        }
    }

    private static StoreException incomplete(String name, String missing) {
        return new StoreException.Unavailable(
                "the store has not said that it stored %s: there is no %s in its answer"
                        .formatted(name, missing),
                "Check what stands between here and the store: a proxy, or a server that is none.",
                null);
    }

    private StoreException otherBytes(String found, String wanted) {
        return new StoreException.Unavailable(
                "the store has acknowledged other bytes for %s than were sent: found %s, wanted %s"
                        .formatted(name, found, wanted),
                "Check the network between here and the store, and run holdfast verify.",
                null);
    }
}
