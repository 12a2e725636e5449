package dev.holdfast.wal;

import java.util.Arrays;

/// For each page of a run of frames the last frame that holds it, in ascending page number: what is
/// left of a transaction that wrote a page twice, or of a whole WAL.
final class LastImages {
    private static final int INITIAL_PAGES = 1024;
    private static final int KEPT_PAGES = 1 << 16;

    /// A page number of 32 bits above an index of 31: one sort puts pages in order, and each page's
    /// frames in theirs.
    private static final int INDEX_BITS = 31;

    private static final long INDEX_MASK = (1L << INDEX_BITS) - 1;

    private long[] keys = new long[INITIAL_PAGES];
    private int count;

    /// Leaves out what is past the end of the database after the run (a VACUUM shrank it), and the
    /// lock page.
    void collect(FrameTable table, int first, int end, long databasePages, long lockPage) {
        reserve(end - first);
        int found = 0;
        for (int index = first; index < end; index++) {
            long page = Integer.toUnsignedLong(table.pageNumber(index));
            if (page <= databasePages && page != lockPage) {
                keys[found++] = page << INDEX_BITS | index;
            }
        }
        Arrays.sort(keys, 0, found);
        count = withoutEarlierImages(found);
    }

    private void reserve(int pages) {
        if (keys.length < pages || keys.length > Math.max(KEPT_PAGES, pages)) {
            keys = new long[Math.max(INITIAL_PAGES, pages)];
        }
    }

    private int withoutEarlierImages(int sorted) {
        int kept = 0;
        for (int i = 0; i < sorted; i++) {
            boolean isLastOfItsPage = i + 1 == sorted || page(keys[i]) != page(keys[i + 1]);
            if (isLastOfItsPage) {
                keys[kept++] = keys[i];
            }
        }
        return kept;
    }

    int count() {
        return count;
    }

    long pageNumber(int position) {
        return page(keys[position]);
    }

    /// The index in the table of the frame with the last image of the page at `position`.
    int frameIndex(int position) {
        return (int) (keys[position] & INDEX_MASK);
    }

    /// The position of a page, or a negative number.
    int positionOf(long pageNumber) {
        int at = Arrays.binarySearch(keys, 0, count, pageNumber << INDEX_BITS);
        int position = at >= 0 ? at : -at - 1;
        return position < count && page(keys[position]) == pageNumber ? position : -1;
    }

    private static long page(long key) {
        return key >>> INDEX_BITS;
    }
}
