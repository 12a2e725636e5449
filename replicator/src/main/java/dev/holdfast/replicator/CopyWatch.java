package dev.holdfast.replicator;

import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;

import java.util.BitSet;

/// Which pages were changed by commits while a copy of the database is under way, and to what: in
/// the copy these pages can't be trusted, the log has them. Owned by the capture thread.
final class CopyWatch {
    private final BitSet changed = new BitSet();
    private final PageMap hashes;

    CopyWatch(PageSize pageSize) {
        this.hashes = new PageMap(pageSize);
    }

    /// @param hash 0 for a page that the database no longer has
    void changed(long pageNumber, long hash) {
        if (pageNumber > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "page " + pageNumber + " of a database that is too large to watch");
        }
        changed.set((int) pageNumber);
        hashes.set(pageNumber, hash);
    }

    /// Hashes of all pages of a database of `databasePages` pages, after the watched changes, over
    /// a copy with these hashes.
    PageMap over(PageMap copied, PageSize pageSize, long databasePages) {
        PageMap result = new PageMap(pageSize);
        for (long page = 1; page <= databasePages; page++) {
            if (page != pageSize.lockPage()) {
                boolean isChanged = page <= Integer.MAX_VALUE && changed.get((int) page);
                result.set(page, isChanged ? hashes.get(page) : copied.get(page));
            }
        }
        result.resize(databasePages);
        return result;
    }
}
