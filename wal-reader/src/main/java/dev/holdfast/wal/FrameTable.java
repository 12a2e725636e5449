package dev.holdfast.wal;

import java.util.Arrays;

/// What is remembered of each frame of a verified run: 16 bytes, in arrays that are reused from run
/// to run.
///
/// The checksums before and after a frame let its page be verified again when it is read a second
/// time.
final class FrameTable {
    private static final int INITIAL_FRAMES = 1024;

    /// Beyond this many frames the arrays are let go after the run: 1 MiB for the rule, not for the
    /// rare giant.
    private static final int KEPT_FRAMES = 1 << 16;

    private int[] pageNumbers = new int[INITIAL_FRAMES];
    private int[] databasePages = new int[INITIAL_FRAMES];
    private long[] checksums = new long[INITIAL_FRAMES];
    private long framesBefore;
    private long checksumBefore;
    private int count;
    private int committedCount;

    void startAt(WalPosition from) {
        if (pageNumbers.length > KEPT_FRAMES) {
            resize(INITIAL_FRAMES);
        }
        framesBefore = from.frame();
        checksumBefore = from.checksum();
        count = 0;
        committedCount = 0;
    }

    void add(int pageNumber, int databasePagesAfter, long checksum) {
        if (count == pageNumbers.length) {
            resize(Math.min(2 * count, WalFile.MAX_FRAMES));
        }
        pageNumbers[count] = pageNumber;
        databasePages[count] = databasePagesAfter;
        checksums[count] = checksum;
        count++;
        if (databasePagesAfter != 0) {
            committedCount = count;
        }
    }

    private void resize(int frames) {
        pageNumbers = Arrays.copyOf(pageNumbers, frames);
        databasePages = Arrays.copyOf(databasePages, frames);
        checksums = Arrays.copyOf(checksums, frames);
    }

    int count() {
        return count;
    }

    /// Frames up to the end of the last commit.
    int committedCount() {
        return committedCount;
    }

    /// The index after the commit frame that ends the commit which begins at `index`.
    int commitEnd(int index) {
        int last = index;
        while (databasePages[last] == 0) {
            last++;
        }
        return last + 1;
    }

    long number(int index) {
        return framesBefore + index + 1;
    }

    int pageNumber(int index) {
        return pageNumbers[index];
    }

    int databasePages(int index) {
        return databasePages[index];
    }

    long checksumBefore(int index) {
        return index == 0 ? checksumBefore : checksums[index - 1];
    }

    long checksum(int index) {
        return checksums[index];
    }
}
