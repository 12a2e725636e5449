package dev.holdfast.replicator;

import dev.holdfast.format.PageMap;
import dev.holdfast.storage.state.SavedPages;

import java.io.IOException;
import java.util.Optional;

/// Brings the page map forward at the start of a run, over the segments that were spooled after it
/// was saved.
final class SpoolReplay {
    private SpoolReplay() {}

    /// What is known of the database at the spool's end, which is not empty.
    static Optional<LogStart.Known> known(Spool spool, Optional<SavedPages> saved)
            throws IOException {
        SpoolEntry last = spool.last().orElseThrow();
        SourcePosition source = new SpoolScan(last.file()).source(last);
        return Optional.of(
                new LogStart.Known(last.header().pageSize(), source, pages(spool, saved, last)));
    }

    private static Optional<PageMap> pages(Spool spool, Optional<SavedPages> saved, SpoolEntry last)
            throws IOException {
        long savedSeq = saved.map(pages -> pages.point().seq()).orElse(0L);
        long firstSeq = spool.first().map(SpoolEntry::seq).orElse(Long.MAX_VALUE);
        // A spool that lost its end is behind the saved map: that is of a state yet to come
        boolean isWhole =
                saved.isPresent()
                        && savedSeq + 1 >= firstSeq
                        && savedSeq <= last.seq()
                        && isSame(spool, saved.get());
        Optional<PageMap> map = isWhole ? saved.map(SavedPages::pages) : Optional.empty();
        for (SpoolEntry entry : spool.from(savedSeq + 1)) {
            boolean isKnown =
                    switch (entry.header().kind()) {
                        // Changes nothing, and is made before its writer knows any pages
                        case CLAIM -> true;
                        case REBASE -> false;
                        case COMMITS ->
                                map.isEmpty()
                                        || new SpoolScan(entry.file()).apply(entry, map.get());
                    };
            if (!isKnown) {
                map = Optional.empty();
            }
        }
        return map.filter(pages ->
                last.header().recordCount() == 0
                        || pages.pageCount() == last.header().databasePages());
    }

    private static boolean isSame(Spool spool, SavedPages saved) {
        long seq = saved.point().seq();
        return spool.entry(seq)
                .map(SpoolEntry::digest)
                .or(() -> spool.entry(seq + 1).map(next -> next.header().previous()))
                .filter(saved.point().digest()::equals)
                .isPresent();
    }
}
