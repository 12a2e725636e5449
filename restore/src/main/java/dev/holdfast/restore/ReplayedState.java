package dev.holdfast.restore;

import dev.holdfast.format.PageHash;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.failure.SidecarException;

import java.lang.foreign.MemorySegment;

/// The page hashes of a database that is put together from a snapshot and the log, and so its state
/// checksum. Needs no file: a page is hashed and forgotten. Owned by one thread at a time.
public final class ReplayedState {
    private final PageSize pageSize;
    private final PageMap pages;

    public ReplayedState(PageSize pageSize) {
        this.pageSize = pageSize;
        this.pages = new PageMap(pageSize);
    }

    /// Of the database.
    public PageSize pageSize() {
        return pageSize;
    }

    /// The hashes as they are now.
    public PageMap pages() {
        return pages;
    }

    /// Size of the database in pages.
    public long pageCount() {
        return pages.pageCount();
    }

    /// The state checksum.
    public long checksum() {
        return pages.checksum();
    }

    /// Refuses a database whose page hashes would not fit into memory, before anything is
    /// allocated.
    static void checkMemory(long pages) {
        long most = PageMap.mostPages();
        if (pages > most) {
            throw new SidecarException.LocalFiles(
                    "a database of %d pages takes %d MiB of memory, 8 bytes a page; found %d MiB"
                            .formatted(
                                    pages, (pages * Long.BYTES) >> 20, (most * Long.BYTES) >> 20),
                    "Give Java more memory (JAVA_TOOL_OPTIONS=-Xmx…).");
        }
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

    /// The database now has `count` pages; new ones that were not set are zeros.
    public void resize(long count) {
        pages.resize(count);
    }
}
