package dev.holdfast.format;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/// Bytes as `docs/format.md` has them, in hexadecimal with spaces.
final class HexBytes {
    private HexBytes() {}

    static ByteBuffer bytes(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    static ByteBuffer flipped(String hex, int bit) {
        ByteBuffer bytes = bytes(hex);
        return bytes.put(bit / 8, (byte) (bytes.get(bit / 8) ^ 1 << bit % 8));
    }
}
