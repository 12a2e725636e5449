package dev.holdfast.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The two columns in front of each group of a record's pages (`docs/format.md`, section 2.3).
/// Big-endian.
///
/// ```
///   0   4 × n  page numbers, each less the one before it in the record
///   4n  4 × n  first words: bytes 0 to 3 of each image, less the page's number, modulo 2^32
///   8n         bytes 4 and following of each image
/// ```
///
/// The pages of a large value are a chain, each of which begins with the number of the next. What
/// such a chain holds follows without a break here, so a compressor finds a document that was
/// written anew, on other pages, in one piece.
///
/// Says nothing of whether page numbers are those that a record may have.
public final class PageGroup {
    /// As many pages as fit are a group: bounds what a writer gathers and what a reader holds.
    public static final int MAX_IMAGE_BYTES = 1 << 20;

    /// Of a page's number: what a page has in a record beside its image.
    public static final int NUMBER_BYTES = 4;

    /// Of an image, in the second column.
    public static final int FIRST_WORD_BYTES = 4;

    /// The most that [#columnBytes] gives.
    public static final int MAX_COLUMN_BYTES = columnBytes(MAX_IMAGE_BYTES / PageSize.MIN_BYTES);

    private static final ValueLayout.OfInt U32 =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final long[] numbers = new long[MAX_IMAGE_BYTES / PageSize.MIN_BYTES];
    private final int[] firstWords = new int[numbers.length];
    private int count;
    private long before;

    /// Pages of a full group. Only the last of a record has fewer.
    public static int mostPages(PageSize pageSize) {
        return MAX_IMAGE_BYTES / pageSize.bytes();
    }

    /// Both columns of a group of `count` pages.
    public static int columnBytes(int count) {
        return count * (NUMBER_BYTES + FIRST_WORD_BYTES);
    }

    /// A record begins, and with it a first, empty group.
    public void beginRecord() {
        count = 0;
        before = 0;
    }

    /// One more page.
    public void add(long number, MemorySegment image) {
        numbers[count] = number;
        firstWords[count] = image.get(U32, 0);
        count++;
    }

    /// Pages of the group at hand.
    public int count() {
        return count;
    }

    /// Writes the columns at the start of `out`, and begins the next group.
    public void writeTo(MemorySegment out) {
        for (int i = 0; i < count; i++) {
            out.setAtIndex(U32, i, (int) (numbers[i] - before));
            out.setAtIndex(U32, count + i, firstWords[i] - (int) numbers[i]);
            before = numbers[i];
        }
        count = 0;
    }

    /// Reads the columns of the record's next group.
    ///
    /// @param in the [#columnBytes] of `pageCount` pages
    public void readFrom(MemorySegment in, int pageCount) {
        count = pageCount;
        for (int i = 0; i < count; i++) {
            before += in.getAtIndex(U32, i) & 0xffff_ffffL;
            numbers[i] = before;
            firstWords[i] = in.getAtIndex(U32, count + i) + (int) before;
        }
    }

    /// Number of a page of the group that was read, as its column says: it may be that of the page
    /// before, or lie behind the database's end.
    public long number(int index) {
        return numbers[index];
    }

    /// Sets bytes 0 to 3 of the image of a page of the group that was read.
    public void putFirstWord(int index, MemorySegment image) {
        image.set(U32, 0, firstWords[index]);
    }
}
