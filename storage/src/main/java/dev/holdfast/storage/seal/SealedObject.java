package dev.holdfast.storage.seal;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.SnapshotHeader;
import dev.holdfast.format.WriterId;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.InvalidAlgorithmParameterException;
import java.security.NoSuchAlgorithmException;

import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// What the key of a segment or snapshot is bound to: kind, archive, place, writer. No block opens
/// elsewhere.
public record SealedObject(String kind, ArchiveId archive, long seq, WriterId writer) {
    public static final int SALT_BYTES = 16;

    public static SealedObject of(SegmentHeader header) {
        return segment(header.archive(), header.seq(), header.writer());
    }

    public static SealedObject segment(ArchiveId archive, long seq, WriterId writer) {
        return new SealedObject("segment", archive, seq, writer);
    }

    public static SealedObject of(SnapshotHeader header) {
        return new SealedObject("snapshot", header.archive(), header.replayFrom(), header.writer());
    }

    /// Its own key: HKDF-SHA256 (RFC 5869) of the data key.
    SecretKey key(byte[] dataKey, byte[] salt) {
        try {
            KDF hkdf = KDF.getInstance("HKDF-SHA256");
            return hkdf.deriveKey(
                    "AES",
                    HKDFParameterSpec.ofExtract()
                            .addIKM(new SecretKeySpec(dataKey, "HKDF"))
                            .addSalt(salt)
                            .thenExpand(info(), BlockCipher.KEY_BYTES));
        } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("each JDK has HKDF", e);
        }
    }

    private byte[] info() {
        byte[] label = ("holdfast " + kind).getBytes(StandardCharsets.US_ASCII);
        ByteBuffer info = ByteBuffer.allocate(label.length + ArchiveId.BYTES + 2 * Long.BYTES);
        info.put(label);
        archive.writeTo(info, label.length);
        info.putLong(label.length + ArchiveId.BYTES, seq);
        info.putLong(label.length + ArchiveId.BYTES + Long.BYTES, writer.value());
        return info.array();
    }

    @Override
    public String toString() {
        return "%s %d of archive %s by writer %s".formatted(kind, seq, archive, writer);
    }
}
