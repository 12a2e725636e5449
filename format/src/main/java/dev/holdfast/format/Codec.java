package dev.holdfast.format;

import dev.holdfast.format.failure.FormatException;

import java.util.Locale;

/// How bodies and blocks are compressed. The numbers stand in the objects and never change.
public enum Codec {
    /// One zstd stream over consecutive segments: the log remembers what it said before.
    ZSTD(1),
    /// LZ4 blocks, each segment by itself: any one can be decoded alone, at many more bytes.
    LZ4(2);

    private final int number;

    Codec(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /// The codec of a number read from an object, checked by the caller's header.
    static Codec of(int number, FieldCheck check) throws FormatException {
        return switch (number) {
            case 1 -> ZSTD;
            case 2 -> LZ4;
            default -> throw check.bad("codec", number, "1 (zstd) or 2 (lz4)");
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
