package dev.holdfast.format;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/// A SHA-256 over stored bytes. A value: the bytes are never handed out to be changed.
public final class Digest {
    public static final int BYTES = 32;

    private final byte[] bytes;

    private Digest(byte[] bytes) {
        this.bytes = bytes;
    }

    /// Copies 32 bytes at `offset`; the buffer's position stays.
    public static Digest readFrom(ByteBuffer in, int offset) {
        byte[] copy = new byte[BYTES];
        in.get(offset, copy);
        return new Digest(copy);
    }

    public void writeTo(ByteBuffer out, int offset) {
        out.put(offset, bytes);
    }

    /// Ends `sha256`, which starts anew.
    public static Digest of(MessageDigest sha256) {
        byte[] result = sha256.digest();
        if (result.length != BYTES) {
            throw new IllegalArgumentException("not SHA-256: " + sha256.getAlgorithm());
        }
        return new Digest(result);
    }

    /// Of the bytes between position and limit, which are consumed.
    public static Digest of(ByteBuffer stored) {
        MessageDigest sha256 = sha256();
        sha256.update(stored);
        return of(sha256);
    }

    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each Java platform must have SHA-256", e);
        }
    }

    /// From 64 hexadecimal digits.
    public static Digest parse(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("digest '" + hex + "' is not 64 hexadecimal digits");
        }
        return new Digest(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Digest digest && Arrays.equals(bytes, digest.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
