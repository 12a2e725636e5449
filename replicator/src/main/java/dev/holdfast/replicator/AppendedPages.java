package dev.holdfast.replicator;

import dev.holdfast.format.PageHash;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.wal.WalCommit;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What the pages of the database are after what was appended to the log, as far as that is known:
/// keeps the page map in step with each commit, what changed since the last cut for the spool, and
/// the copies under way informed. Owned by the capture thread, through its [LogWriter].
final class AppendedPages {
    private final PageDeltas deltas = new PageDeltas();
    private PageSize pageSize = new PageSize(4096);
    private @Nullable PageMap map;
    private final List<CopyWatch> watches = new ArrayList<>();
    private long openCount;
    private long sealedCount;

    /// Nothing is open, and the database is this.
    ///
    /// @param count how many pages it has
    /// @param known empty if the hashes of its pages are not known
    void begin(PageSize size, long count, Optional<PageMap> known) {
        pageSize = size;
        map = known.orElse(null);
        sealedCount = count;
        openCount = count;
    }

    /// Another database is about to come, of pages that are not known.
    void forget(PageSize size) {
        pageSize = size;
        map = null;
    }

    /// The hashes of all pages have become known. Nothing may be open.
    void learn(PageMap known) {
        map = known;
        sealedCount = known.pageCount();
    }

    /// From now on each changed page is told to `copy`, until [#unwatch].
    void watch(CopyWatch copy) {
        watches.add(copy);
    }

    void unwatch(CopyWatch copy) {
        watches.remove(copy);
    }

    /// Notes what a commit changes.
    void note(WalCommit commit) throws IOException {
        long before = openCount;
        long after = commit.databasePages();
        openCount = after;
        if (map == null && watches.isEmpty()) {
            return;
        }
        BitSet written = new BitSet();
        commit.forEachPage((pageNumber, image) -> {
            note(pageNumber, hash(pageNumber, image));
            if (pageNumber > before) {
                written.set(Math.toIntExact(pageNumber - before));
            }
        });
        for (long page = after + 1; page <= before; page++) {
            note(page, 0);
        }
        // Pages that the database grew by without writing them are zeros
        for (long page = before + 1; page <= after; page++) {
            if (!written.get(Math.toIntExact(page - before))) {
                note(page, PageHash.ofZeros(pageSize, page));
            }
        }
        if (map != null) {
            map.resize(after);
        }
    }

    private void note(long pageNumber, long hash) {
        if (pageNumber == pageSize.lockPage()) {
            return;
        }
        if (map != null) {
            deltas.add(pageNumber, hash, map.get(pageNumber));
            map.set(pageNumber, hash);
        }
        for (CopyWatch watch : watches) {
            watch.changed(pageNumber, hash);
        }
    }

    private long hash(long pageNumber, MemorySegment image) {
        return PageHash.of(image, 0, pageSize.bytes(), pageNumber);
    }

    /// What was noted stands in the spool now.
    void sealed(SegmentHeader segment) {
        deltas.clear();
        if (segment.recordCount() > 0) {
            sealedCount = segment.databasePages();
        }
    }

    /// Takes back what was noted since the last cut.
    void giveUp() {
        if (map != null) {
            deltas.undo(map);
            map.resize(sealedCount);
        }
        deltas.clear();
        openCount = sealedCount;
    }

    PageSize pageSize() {
        return pageSize;
    }

    /// How many the database had at the last cut.
    long sealedCount() {
        return sealedCount;
    }

    /// What changed since the last cut.
    PageDeltas deltas() {
        return deltas;
    }

    /// The state checksum; empty while the page map is not known.
    OptionalLong checksum() {
        return map == null ? OptionalLong.empty() : OptionalLong.of(map.checksum());
    }

    /// The page map; empty while it is not known.
    Optional<PageMap> map() {
        return Optional.ofNullable(map);
    }
}
