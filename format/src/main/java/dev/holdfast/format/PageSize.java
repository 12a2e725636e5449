package dev.holdfast.format;

/// The size of a database's pages in bytes: a power of two from 512 to 65,536 (SQLite file format
/// 1.3.2).
public record PageSize(int bytes) {
    public static final int MIN_BYTES = 512;
    public static final int MAX_BYTES = 65_536;

    /// SQLite locks the bytes from here on; the page that holds them is never used (file format
    /// 1.7.2).
    private static final long LOCK_BYTE = 0x40000000L;

    public PageSize {
        if (!isValid(bytes)) {
            throw new IllegalArgumentException(
                    "page size " + bytes + " is not a power of two from 512 to 65536");
        }
    }

    public static boolean isValid(int bytes) {
        return bytes >= MIN_BYTES && bytes <= MAX_BYTES && Integer.bitCount(bytes) == 1;
    }

    /// From the exponent that the archive's headers carry, 9 to 16.
    public static PageSize ofLog2(int log2) {
        return new PageSize(1 << log2);
    }

    public int log2() {
        return Integer.numberOfTrailingZeros(bytes);
    }

    /// Number of the page that must never be read, shipped or compared. Pages are numbered from 1.
    public long lockPage() {
        return LOCK_BYTE / bytes + 1;
    }

    /// Offset of a page's first byte in the database file.
    public long offsetOf(long pageNumber) {
        return (pageNumber - 1) * bytes;
    }
}
