package dev.holdfast.wal;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;

/// Reads a run of frames in two passes through one window: first all in file order, to verify them;
/// then any of them again, for its page. A run that fits the window is read from the file once.
/// What is read again is verified again.
final class FrameReader {
    private final FileChannel wal;
    private final MemorySegment window;
    private final FrameTable table;
    private final int pageSize;
    private final boolean bigEndianChecksums;

    private long windowFirst = 1;
    private int windowCount;
    private boolean isWindowVerified;
    private long previousNumber = -1;
    private int readAhead = 1;

    FrameReader(
            FileChannel wal,
            MemorySegment window,
            FrameTable table,
            int pageSize,
            boolean bigEndianChecksums) {
        this.wal = wal;
        this.window = window;
        this.table = table;
        this.pageSize = pageSize;
        this.bigEndianChecksums = bigEndianChecksums;
    }

    /// What [#verify] came to.
    ///
    /// @param end the end of the last frame that continues the chain
    /// @param databasePages what that frame says it commits, 0 if it commits nothing
    record Verified(WalPosition end, long databasePages) {}

    /// Follows the chain of checksums from `from` to frame `last`, as far as it is unbroken. Enters
    /// frames in the table until it has `tableFrames` and they end with a commit, or until it is
    /// full.
    Verified verify(WalPosition from, long last, int tableFrames) throws IOException {
        table.startAt(from);
        long checksum = from.checksum();
        long number = from.frame();
        int databasePages = 0;
        while (number < last) {
            long next = number + 1;
            if (!holds(next)) {
                load(next, last - number);
            }
            if (!holds(next)) {
                break;
            }
            MemorySegment frame = frame(next);
            int page = WalFrame.pageNumber(frame);
            int pagesAfter = WalFrame.databasePages(frame);
            long after = checksum(checksum, page, pagesAfter, frame, WalFrame.HEADER_BYTES);
            if (page == 0
                    || after != WalFrame.storedChecksum(frame)
                    || !WalFrame.hasSaltsOf(frame, from)) {
                break;
            }
            checksum = after;
            number = next;
            databasePages = pagesAfter;
            boolean isTableDone =
                    table.count() >= tableFrames && table.committedCount() == table.count();
            if (!isTableDone && table.count() < WalFile.MAX_FRAMES) {
                table.add(page, pagesAfter, checksum);
            }
        }
        isWindowVerified = number == last;
        return new Verified(
                from.advancedTo(number, checksum), Integer.toUnsignedLong(databasePages));
    }

    /// The page of the table's frame `index`, read-only and good until the next call.
    ///
    /// @param first the table's index of the first frame of the same commit
    /// @param end the index after its last
    MemorySegment image(int index, int first, int end) throws IOException {
        long number = table.number(index);
        if (!holds(number)) {
            loadAgain(number, first, end);
        }
        previousNumber = number;
        MemorySegment page = frame(number).asSlice(WalFrame.HEADER_BYTES);
        if (!isWindowVerified && !matches(index, page)) {
            throw new WalChangedException(number);
        }
        return page.asReadOnly();
    }

    /// A commit that fits is loaded as a whole. Of a larger one as much as pays: SQLite writes
    /// pages in order where it can, so frames that were asked for in a row go on in a row.
    private void loadAgain(long number, int first, int end) throws IOException {
        int commitFrames = end - first;
        if (commitFrames <= capacity()) {
            load(table.number(first), commitFrames);
        } else {
            readAhead = number == previousNumber + 1 ? Math.min(2 * readAhead, capacity()) : 1;
            load(number, Math.min(readAhead, table.number(end) - number));
        }
        if (!holds(number)) {
            throw new WalChangedException(number);
        }
    }

    /// Whether a page read anew is the one that was verified in frame `index`. The covered part of
    /// its header is in the table.
    private boolean matches(int index, MemorySegment page) {
        long after =
                checksum(
                        table.checksumBefore(index),
                        table.pageNumber(index),
                        table.databasePages(index),
                        page,
                        0);
        return after == table.checksum(index);
    }

    /// Reads the page of the table's frame `index` into memory of the caller's.
    void readInto(int index, MemorySegment page) throws IOException {
        long number = table.number(index);
        long offset = WalFrame.offset(number, pageSize) + WalFrame.HEADER_BYTES;
        if (PositionalRead.fill(wal, page, offset) < pageSize || !matches(index, page)) {
            throw new WalChangedException(number);
        }
    }

    private long checksum(long before, int page, int pagesAfter, MemorySegment bytes, int offset) {
        long afterHeader = WalChecksum.update(before, page, pagesAfter, bigEndianChecksums);
        return WalChecksum.update(afterHeader, bytes, offset, pageSize, bigEndianChecksums);
    }

    private int capacity() {
        return WalBuffer.WINDOW_BYTES / WalFrame.bytes(pageSize);
    }

    private boolean holds(long number) {
        return number >= windowFirst && number < windowFirst + windowCount;
    }

    private MemorySegment frame(long number) {
        int frameBytes = WalFrame.bytes(pageSize);
        return window.asSlice((number - windowFirst) * frameBytes, frameBytes);
    }

    /// Loads up to `wanted` frames, as many as fit and the file has whole.
    private void load(long number, long wanted) throws IOException {
        int frameBytes = WalFrame.bytes(pageSize);
        long bytes = Math.min(wanted, capacity()) * frameBytes;
        isWindowVerified = false;
        windowFirst = number;
        windowCount = 0;
        windowCount =
                PositionalRead.fill(
                                wal, window.asSlice(0, bytes), WalFrame.offset(number, pageSize))
                        / frameBytes;
    }
}
