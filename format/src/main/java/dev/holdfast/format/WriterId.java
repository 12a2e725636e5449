package dev.holdfast.format;

import java.util.HexFormat;

/// The random number by which one state folder, and so one writer, is known in an archive.
public record WriterId(long value) {
    public static final int BYTES = 8;

    /// From 16 hexadecimal digits.
    public static WriterId parse(String hex) {
        return new WriterId(HexFormat.fromHexDigitsToLong(hex));
    }

    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(value);
    }
}
