package dev.holdfast.wal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The checksum of WAL header, WAL frames and wal-index header: two u32 sums that feed each other,
/// over pairs of u32 words.
///
/// ```
/// s1 += word[i] + s2
/// s2 += word[i + 1] + s1
/// ```
///
/// Both sums travel as one `long`, the first in the upper half. For given words the step from one
/// state to the next can be undone, so a chain that starts in a wrong state can't end in the right
/// one: to compare the end is to compare the start as well.
final class WalChecksum {
    /// The state before the first word of a header.
    static final long SEED = 0;

    private static final ValueLayout.OfLong LITTLE_ENDIAN =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong BIG_ENDIAN =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private WalChecksum() {}

    static long of(int checksum1, int checksum2) {
        return (long) checksum1 << 32 | Integer.toUnsignedLong(checksum2);
    }

    static int first(long state) {
        return (int) (state >>> 32);
    }

    static int second(long state) {
        return (int) state;
    }

    /// The state after `length` more bytes, a multiple of 8, from `offset` on.
    static long update(
            long state, MemorySegment bytes, long offset, int length, boolean bigEndianWords) {
        MemorySegment words = bytes.asSlice(offset, length);
        return bigEndianWords ? updateBigEndian(state, words) : updateLittleEndian(state, words);
    }

    /// The state after one pair of words: the part of a frame header that is covered.
    static long update(long state, int word1, int word2, boolean bigEndianWords) {
        int x = bigEndianWords ? word1 : Integer.reverseBytes(word1);
        int y = bigEndianWords ? word2 : Integer.reverseBytes(word2);
        int s1 = first(state) + x + second(state);
        int s2 = second(state) + y + s1;
        return of(s1, s2);
    }

    // The two loops differ in one layout and in which half of a pair comes first. They stay apart,
    // and the sums are bracketed, so that only two additions a pair are left on the path that each
    // step must wait for.

    private static long updateLittleEndian(long state, MemorySegment words) {
        int s1 = first(state);
        int s2 = second(state);
        int length = (int) words.byteSize();
        for (int at = 0; at < length; at += Long.BYTES) {
            long pair = words.get(LITTLE_ENDIAN, at);
            s1 = (s1 + (int) pair) + s2;
            s2 = (s2 + (int) (pair >>> 32)) + s1;
        }
        return of(s1, s2);
    }

    private static long updateBigEndian(long state, MemorySegment words) {
        int s1 = first(state);
        int s2 = second(state);
        int length = (int) words.byteSize();
        for (int at = 0; at < length; at += Long.BYTES) {
            long pair = words.get(BIG_ENDIAN, at);
            s1 = (s1 + (int) (pair >>> 32)) + s2;
            s2 = (s2 + (int) pair) + s1;
        }
        return of(s1, s2);
    }
}
