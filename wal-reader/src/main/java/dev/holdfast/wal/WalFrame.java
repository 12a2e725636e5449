package dev.holdfast.wal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Where a frame and its fields lie (SQLite file format, section 4.1). Frames count from 1; all
/// fields are big-endian.
///
/// ```
/// offset  size  field
///      0     4  page number
///      4     4  database size in pages if this frame ends a commit, else 0
///      8     4  salt 1, as in the header of the WAL
///     12     4  salt 2
///     16     8  cumulative checksum up to and with this frame: covers bytes 0 to 7 and the page
///     24     n  page
/// ```
final class WalFrame {
    static final int HEADER_BYTES = 24;

    /// The wal-index counts frames in a u32.
    static final long MAX_NUMBER = 0xffff_ffffL;

    private static final ValueLayout.OfInt U32 =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private WalFrame() {}

    static int bytes(int pageSize) {
        return HEADER_BYTES + pageSize;
    }

    /// Where frame `number` begins in the file.
    static long offset(long number, int pageSize) {
        return WalHeader.BYTES + (number - 1) * bytes(pageSize);
    }

    static int pageNumber(MemorySegment frame) {
        return frame.get(U32, 0);
    }

    static int databasePages(MemorySegment frame) {
        return frame.get(U32, 4);
    }

    static boolean hasSaltsOf(MemorySegment frame, WalPosition position) {
        return frame.get(U32, 8) == position.salt1() && frame.get(U32, 12) == position.salt2();
    }

    /// Whether it names a page, but has neither salts nor checksum: see [WalBreak.Unsealed].
    static boolean isUnsealed(MemorySegment frame) {
        return pageNumber(frame) != 0
                && frame.get(U32, 8) == 0
                && frame.get(U32, 12) == 0
                && storedChecksum(frame) == 0;
    }

    static long storedChecksum(MemorySegment frame) {
        return WalChecksum.of(frame.get(U32, 16), frame.get(U32, 20));
    }
}
