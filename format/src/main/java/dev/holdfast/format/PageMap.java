package dev.holdfast.format;

import java.util.Arrays;

/// The hash of every page of one state of a database, and their XOR, the state checksum. 8 bytes a
/// page. Owned by one thread.
///
/// A page that was never set counts as 0. The lock page is never set.
public final class PageMap {
    /// Hashes are kept in chunks, so that a large map grows without one large copy.
    private static final int CHUNK_LOG2 = 16;

    private static final int CHUNK = 1 << CHUNK_LOG2;

    private final long lockPage;
    private long[][] chunks = new long[0][];
    private long pageCount;
    private long checksum;

    public PageMap(PageSize pageSize) {
        this.lockPage = pageSize.lockPage();
    }

    /// Database size in pages.
    public long pageCount() {
        return pageCount;
    }

    /// The state checksum.
    public long checksum() {
        return checksum;
    }

    public long get(long pageNumber) {
        long index = pageNumber - 1;
        int chunk = (int) (index >>> CHUNK_LOG2);
        return chunk < chunks.length ? chunks[chunk][(int) (index & (CHUNK - 1))] : 0;
    }

    /// Sets the hash of a page, growing the database if it lies past its end.
    public void set(long pageNumber, long hash) {
        if (pageNumber < 1
                || pageNumber > RecordHeader.MAX_DATABASE_PAGES
                || pageNumber == lockPage) {
            throw new IllegalArgumentException("no hash for page " + pageNumber);
        }
        long index = pageNumber - 1;
        int chunk = (int) (index >>> CHUNK_LOG2);
        reserve(chunk + 1);
        long[] hashes = chunks[chunk];
        int at = (int) (index & (CHUNK - 1));
        checksum ^= hashes[at] ^ hash;
        hashes[at] = hash;
        pageCount = Math.max(pageCount, pageNumber);
    }

    /// The database now has `pages` pages: those past it are forgotten.
    public void resize(long pages) {
        for (long page = pages + 1; page <= pageCount; page++) {
            long index = page - 1;
            int chunk = (int) (index >>> CHUNK_LOG2);
            if (chunk >= chunks.length) {
                break;
            }
            int at = (int) (index & (CHUNK - 1));
            checksum ^= chunks[chunk][at];
            chunks[chunk][at] = 0;
        }
        pageCount = pages;
    }

    private void reserve(int count) {
        int old = chunks.length;
        if (count > old) {
            chunks = Arrays.copyOf(chunks, count);
            for (int i = old; i < count; i++) {
                chunks[i] = new long[CHUNK];
            }
        }
    }
}
