package dev.holdfast.restore;

import dev.holdfast.format.PageHash;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The page hashes of a database that is put together from a snapshot and the log, and so its state
/// checksum. Needs no file: a page is hashed and forgotten. Owned by one thread at a time.
public final class ReplayedState {
    private final PageSize pageSize;
    private final PageMap pages;
    private final MemorySegment zeros;
    private long pageCount;

    public ReplayedState(PageSize pageSize) {
        this.pageSize = pageSize;
        this.pages = new PageMap(pageSize);
        this.zeros = Arena.ofAuto().allocate(pageSize.bytes());
    }

    public PageSize pageSize() {
        return pageSize;
    }

    public PageMap pages() {
        return pages;
    }

    public long pageCount() {
        return pageCount;
    }

    public long checksum() {
        return pages.checksum();
    }

    /// The hashes of the images in `block`, whose first page is `firstPage`. Pure: any thread may
    /// prepare what [#set] takes.
    public static long[] hashes(MemorySegment block, long firstPage, PageSize pageSize) {
        long[] hashes = new long[(int) (block.byteSize() / pageSize.bytes())];
        for (int i = 0; i < hashes.length; i++) {
            long offset = (long) i * pageSize.bytes();
            hashes[i] = PageHash.of(block, offset, pageSize.bytes(), firstPage + i);
        }
        return hashes;
    }

    /// A page as it is now. The lock page counts for nothing.
    public void set(long page, long hash) {
        if (page != pageSize.lockPage()) {
            pages.set(page, hash);
        }
    }

    /// The database now has `count` pages. A page that appears without ever having been set is
    /// zeros, as in a file that grows.
    public void resize(long count) {
        for (long page = pageCount + 1; page <= count; page++) {
            if (page != pageSize.lockPage() && pages.get(page) == 0) {
                pages.set(page, PageHash.of(zeros, 0, pageSize.bytes(), page));
            }
        }
        pages.resize(count);
        pageCount = count;
    }
}
