package dev.holdfast.format;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/// The 16 random bytes that name an archive and stand in each of its objects.
public record ArchiveId(long high, long low) {
    public static final int BYTES = 16;

    public static ArchiveId readFrom(ByteBuffer in, int offset) {
        return new ArchiveId(in.getLong(offset), in.getLong(offset + 8));
    }

    public void writeTo(ByteBuffer out, int offset) {
        out.putLong(offset, high).putLong(offset + 8, low);
    }

    /// From 32 hexadecimal digits, as in `archive.json`.
    public static ArchiveId parse(String hex) {
        if (hex.length() != 2 * BYTES) {
            throw new IllegalArgumentException(
                    "archive id '" + hex + "' is not 32 hexadecimal digits");
        }
        return new ArchiveId(
                HexFormat.fromHexDigitsToLong(hex.substring(0, 16)),
                HexFormat.fromHexDigitsToLong(hex.substring(16)));
    }

    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }
}
