package dev.holdfast.replicator;

import dev.holdfast.format.PageMap;

import java.util.Arrays;

/// Which pages the open segment changed, in order: number, hash after, hash before. Lets the page
/// map be put back when the segment is given up, and brought forward at the next start when it was
/// not. Owned by the capture thread.
final class PageDeltas {
    private static final int FIRST_CAPACITY = 64;

    private int[] numbers = new int[FIRST_CAPACITY];
    private long[] hashes = new long[FIRST_CAPACITY];
    private long[] before = new long[FIRST_CAPACITY];
    private int count;

    int count() {
        return count;
    }

    long pageNumber(int index) {
        return Integer.toUnsignedLong(numbers[index]);
    }

    long hash(int index) {
        return hashes[index];
    }

    void add(long pageNumber, long hash, long hashBefore) {
        if (count == numbers.length) {
            numbers = Arrays.copyOf(numbers, 2 * count);
            hashes = Arrays.copyOf(hashes, 2 * count);
            before = Arrays.copyOf(before, 2 * count);
        }
        numbers[count] = (int) pageNumber;
        hashes[count] = hash;
        before[count] = hashBefore;
        count++;
    }

    /// Puts the map back to what it was before the first change.
    void undo(PageMap pages) {
        for (int i = count - 1; i >= 0; i--) {
            pages.set(pageNumber(i), before[i]);
        }
    }

    void clear() {
        count = 0;
        if (numbers.length > 1 << 16) {
            numbers = new int[FIRST_CAPACITY];
            hashes = new long[FIRST_CAPACITY];
            before = new long[FIRST_CAPACITY];
        }
    }
}
