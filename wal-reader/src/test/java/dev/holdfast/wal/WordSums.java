package dev.holdfast.wal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The two sums of a WAL, written from the description of the file format (section 4.2), with none
/// of the code under test.
final class WordSums {
    private final ByteOrder wordOrder;
    private long sum1;
    private long sum2;

    WordSums(ByteOrder wordOrder) {
        this.wordOrder = wordOrder;
    }

    /// Goes on over `length` bytes, a multiple of 8.
    WordSums add(byte[] in, int from, int length) {
        ByteBuffer words = ByteBuffer.wrap(in, from, length).order(wordOrder);
        while (words.hasRemaining()) {
            sum1 = (sum1 + Integer.toUnsignedLong(words.getInt()) + sum2) & 0xffff_ffffL;
            sum2 = (sum2 + Integer.toUnsignedLong(words.getInt()) + sum1) & 0xffff_ffffL;
        }
        return this;
    }

    int first() {
        return (int) sum1;
    }

    int second() {
        return (int) sum2;
    }

    /// Whether the two words at `offset`, in the order of `in`, are these sums.
    boolean areAt(ByteBuffer in, int offset) {
        return in.getInt(offset) == first() && in.getInt(offset + 4) == second();
    }

    void writeTo(ByteBuffer out, int offset) {
        out.putInt(offset, first()).putInt(offset + 4, second());
    }
}
