package dev.holdfast.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// XXH64 of a page image, seeded with the page's number (xxHash specification 0.1.1). The XOR over
/// all pages of a database, the lock page left out, is its state checksum: one changed page changes
/// it by old hash XOR new hash.
public final class PageHash {
    private static final long PRIME_1 = 0x9E3779B185EBCA87L;
    private static final long PRIME_2 = 0xC2B2AE3D27D4EB4FL;
    private static final long PRIME_3 = 0x165667B19E3779F9L;
    private static final long PRIME_4 = 0x85EBCA77C2B2AE63L;

    private static final int STRIPE_BYTES = 32;
    private static final ValueLayout.OfLong U64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final MemorySegment ZEROS =
            MemorySegment.ofArray(new byte[PageSize.MAX_BYTES]).asReadOnly();

    private PageHash() {}

    /// Hash of `pageBytes` bytes at `offset`; a page size is a multiple of 32, so that the
    /// specification's tail never occurs.
    public static long of(MemorySegment in, long offset, int pageBytes, long pageNumber) {
        if (pageBytes % STRIPE_BYTES != 0 || pageBytes == 0) {
            throw new IllegalArgumentException("not a page size: " + pageBytes);
        }
        long a = pageNumber + PRIME_1 + PRIME_2;
        long b = pageNumber + PRIME_2;
        long c = pageNumber;
        long d = pageNumber - PRIME_1;
        long end = offset + pageBytes;
        for (long at = offset; at < end; at += STRIPE_BYTES) {
            a = round(a, in.get(U64, at));
            b = round(b, in.get(U64, at + 8));
            c = round(c, in.get(U64, at + 16));
            d = round(d, in.get(U64, at + 24));
        }
        long hash =
                Long.rotateLeft(a, 1)
                        + Long.rotateLeft(b, 7)
                        + Long.rotateLeft(c, 12)
                        + Long.rotateLeft(d, 18);
        hash = merge(merge(merge(merge(hash, a), b), c), d) + pageBytes;
        hash = (hash ^ hash >>> 33) * PRIME_2;
        hash = (hash ^ hash >>> 29) * PRIME_3;
        return hash ^ hash >>> 32;
    }

    /// Hash of a page of zeros, which is what a page reads as that a growing database never wrote.
    public static long ofZeros(PageSize pageSize, long pageNumber) {
        return of(ZEROS, 0, pageSize.bytes(), pageNumber);
    }

    private static long round(long accumulator, long input) {
        return Long.rotateLeft(accumulator + input * PRIME_2, 31) * PRIME_1;
    }

    private static long merge(long hash, long accumulator) {
        return (hash ^ round(0, accumulator)) * PRIME_1 + PRIME_4;
    }
}
