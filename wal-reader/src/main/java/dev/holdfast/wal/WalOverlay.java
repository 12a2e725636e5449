package dev.holdfast.wal;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;

/// The last image of each page in a WAL up to one commit: what must be laid over the database file
/// to read the database as of then.
///
/// Takes 24 bytes of heap a frame. Reads through the channel of its [WalFile], which must still be
/// open.
public final class WalOverlay {
    private final FrameReader reader;
    private final FrameTable table;
    private final LastImages images;
    private final int pageSize;

    WalOverlay(FrameReader reader, FrameTable table, LastImages images, int pageSize) {
        this.reader = reader;
        this.table = table;
        this.images = images;
        this.pageSize = pageSize;
    }

    /// The size of the database at that commit. Empty if there is no commit up to there: then the
    /// database file has its own size.
    public OptionalLong databasePages() {
        int frames = table.count();
        return frames == 0
                ? OptionalLong.empty()
                : OptionalLong.of(Integer.toUnsignedLong(table.databasePages(frames - 1)));
    }

    public int pageSize() {
        return pageSize;
    }

    public int pageCount() {
        return images.count();
    }

    public boolean contains(long pageNumber) {
        return images.positionOf(pageNumber) >= 0;
    }

    /// Reads the image of a page into `page`, off-heap and of page size, verified again. Returns
    /// false, and leaves `page` alone, if the page isn't in the WAL: then the database file has it.
    ///
    /// @throws WalChangedException if the WAL was written over since it was verified; `page` then
    ///   holds anything
    public boolean read(long pageNumber, MemorySegment page) throws IOException {
        if (page.byteSize() != pageSize) {
            throw new IllegalArgumentException(
                    "page: wanted " + pageSize + " bytes, found " + page.byteSize());
        }
        int position = images.positionOf(pageNumber);
        if (position < 0) {
            return false;
        }
        reader.readInto(images.frameIndex(position), page);
        return true;
    }
}
