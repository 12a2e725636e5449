package dev.holdfast.format;

import java.util.Arrays;

/// The hash of every page of one state of a database, and their XOR, the state checksum. 8 bytes a
/// page. Owned by one thread.
///
/// After a transaction its pages are [set][#set], then the map is [resized][#resize] to the
/// database's new size, in this order or the other. A page that a growing database never wrote is
/// all zeros, and is hashed as such. The lock page counts as 0.
public final class PageMap {
    /// Hashes are kept in chunks, so that a large map grows without one large copy.
    private static final int CHUNK_LOG2 = 16;

    private static final int CHUNK = 1 << CHUNK_LOG2;

    private final PageSize pageSize;
    private long[][] chunks = new long[0][];
    private long pageCount;

    /// The last page that was set since the last resize.
    private long lastSet;

    private long checksum;

    public PageMap(PageSize pageSize) {
        this.pageSize = pageSize;
    }

    /// As many pages as fit into three quarters of the memory that Java may take. A size that was
    /// read is held against this before a map is made for it.
    public static long mostPages() {
        return Runtime.getRuntime().maxMemory() / 4 * 3 / Long.BYTES;
    }

    /// Database size in pages, as of the last [#resize].
    public long pageCount() {
        return pageCount;
    }

    /// The state checksum.
    public long checksum() {
        return checksum;
    }

    /// Hash of a page; 0 if it is not known.
    public long get(long pageNumber) {
        long index = pageNumber - 1;
        int chunk = (int) (index >>> CHUNK_LOG2);
        return chunk < chunks.length ? chunks[chunk][(int) (index & (CHUNK - 1))] : 0;
    }

    /// Whether a database can have a page of that number that counts.
    public boolean canHold(long pageNumber) {
        return pageNumber >= 1
                && pageNumber <= RecordHeader.MAX_DATABASE_PAGES
                && pageNumber != pageSize.lockPage();
    }

    /// Sets the hash of a page, which may lie past the end of a database that is about to grow.
    public void set(long pageNumber, long hash) {
        if (!canHold(pageNumber)) {
            throw new IllegalArgumentException("no hash for page " + pageNumber);
        }
        put(pageNumber, hash);
        lastSet = Math.max(lastSet, pageNumber);
    }

    private void put(long pageNumber, long hash) {
        long index = pageNumber - 1;
        int chunk = (int) (index >>> CHUNK_LOG2);
        if (chunk >= chunks.length) {
            if (hash == 0) {
                return;
            }
            reserve(chunk + 1);
        }
        long[] hashes = chunks[chunk];
        int at = (int) (index & (CHUNK - 1));
        checksum ^= hashes[at] ^ hash;
        hashes[at] = hash;
    }

    /// The database now has `pages` pages: those past it are forgotten, new ones that were not set
    /// are zeros.
    public void resize(long pages) {
        for (long page = pages + 1; page <= Math.max(pageCount, lastSet); page++) {
            put(page, 0);
        }
        lastSet = 0;
        if (pages > pageCount) {
            for (long page = pageCount + 1; page <= pages; page++) {
                if (get(page) == 0 && page != pageSize.lockPage()) {
                    put(page, PageHash.ofZeros(pageSize, page));
                }
            }
        }
        pageCount = pages;
    }

    private void reserve(int count) {
        int old = chunks.length;
        chunks = Arrays.copyOf(chunks, count);
        for (int i = old; i < count; i++) {
            chunks[i] = new long[CHUNK];
        }
    }
}
