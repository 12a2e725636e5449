package dev.holdfast.storage.s3;

import software.amazon.awssdk.core.sync.RequestBody;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;

/// Bytes on their way to S3, in memory until they are acknowledged, with the digests by which the
/// server knows that it got them.
final class StoredBytes {
    private final byte[] array;
    private final int length;
    private final byte[] md5;
    private final String sha256;

    /// @param array must not change while this is used
    StoredBytes(byte[] array, int length) {
        this.array = array;
        this.length = length;
        this.md5 = digest("MD5", array, length);
        this.sha256 = Base64.getEncoder().encodeToString(digest("SHA-256", array, length));
    }

    static byte[] digest(String algorithm, byte[] array, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            digest.update(array, 0, length);
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has " + algorithm, e);
        }
    }

    long length() {
        return length;
    }

    byte[] array() {
        return array;
    }

    byte[] md5() {
        return md5.clone();
    }

    /// As the header Content-MD5 wants it.
    String contentMd5() {
        return Base64.getEncoder().encodeToString(md5);
    }

    /// What S3 calls an object of these bytes, unless it is encrypted with a key of KMS.
    String etag() {
        return HexFormat.of().formatHex(md5);
    }

    /// As the header x-amz-checksum-sha256 wants it.
    String sha256() {
        return sha256;
    }

    /// @param progress moved on with each byte that is taken
    RequestBody body(AtomicLong progress) {
        return RequestBody.fromContentProvider(
                () -> new Moving(progress), length, "application/octet-stream");
    }

    private final class Moving extends InputStream {
        private final ByteArrayInputStream bytes = new ByteArrayInputStream(array, 0, length);
        private final AtomicLong progress;

        Moving(AtomicLong progress) {
            this.progress = progress;
        }

        @Override
        public int read() {
            progress.incrementAndGet();
            return bytes.read();
        }

        @Override
        public int read(byte[] into, int offset, int room) {
            int read = bytes.read(into, offset, room);
            progress.addAndGet(Math.max(read, 0));
            return read;
        }
    }
}
