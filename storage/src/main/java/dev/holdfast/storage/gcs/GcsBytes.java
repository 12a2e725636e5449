package dev.holdfast.storage.gcs;

import com.google.api.client.http.HttpContent;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;

/// Bytes on their way to Google Cloud Storage, and the digests by which it knows that it got them.
final class GcsBytes {
    static final String TYPE = "application/octet-stream";

    private static final int CHUNK = 64 * 1024;

    private GcsBytes() {}

    /// As the store writes it.
    static String md5(byte[] bytes) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has MD5", e);
        }
    }

    /// As the store writes it: big-endian.
    static String crc32c(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return text(crc);
    }

    static String text(CRC32C crc) {
        byte[] bytes = ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).array();
        return Base64.getEncoder().encodeToString(bytes);
    }

    /// What a request sends: some bytes in memory, one after the other.
    ///
    /// @param progress moved on with each byte that is taken
    record Sent(String type, AtomicLong progress, List<ByteBuffer> pieces) implements HttpContent {
        @Override
        public long getLength() {
            long length = 0;
            for (ByteBuffer piece : pieces) {
                length += piece.remaining();
            }
            return length;
        }

        @Override
        public String getType() {
            return type;
        }

        @Override
        public boolean retrySupported() {
            return true;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            for (ByteBuffer piece : pieces) {
                int end = piece.arrayOffset() + piece.limit();
                int count;
                for (int at = piece.arrayOffset() + piece.position(); at < end; at += count) {
                    count = Math.min(CHUNK, end - at);
                    out.write(piece.array(), at, count);
                    progress.addAndGet(count);
                }
            }
            out.flush();
        }
    }
}
