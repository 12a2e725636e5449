package dev.holdfast.replicator;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.PageMap;
import dev.holdfast.storage.state.SavedPages;
import dev.holdfast.storage.state.StateFolder;

import java.io.IOException;
import java.util.Optional;

/// Saves the page map now and then, so that the spool before it can be given back and the next
/// start is short. Owned by the capture thread.
final class PageKeeper {
    /// At most so much of the spool is read at a start, unless the page map itself is larger.
    private static final long SAVE_AFTER_BYTES = 16 << 20;

    private final StateFolder state;
    private final Spool spool;
    private final ArchiveId archive;
    private final ShippedMark mark;
    private long savedSeq;
    private long checkedSeq;

    PageKeeper(StateFolder state, Spool spool, ArchiveId archive, ShippedMark mark) {
        this.state = state;
        this.spool = spool;
        this.archive = archive;
        this.mark = mark;
        this.savedSeq = state.pages().map(saved -> saved.point().seq()).orElse(0L);
    }

    /// A new history has begun: what was saved is of the old one.
    void forget() {
        state.removePages();
        savedSeq = 0;
    }

    /// Saves if the spool has grown enough, and removes from it what nobody needs any more.
    void saveIfDue(LogWriter log) throws IOException {
        long seq = log.end().seq();
        if (seq == checkedSeq || log.hasOpen()) {
            return;
        }
        checkedSeq = seq;
        long pages = log.pages().map(PageMap::pageCount).orElse(0L);
        if (spool.fileBytes() > Math.max(SAVE_AFTER_BYTES, pages * Long.BYTES)) {
            save(log);
        }
        spool.removeThrough(Math.min(savedSeq, mark.seq()));
    }

    /// Saves the page map at the log's end, if it is known. Nothing may be open in the log.
    void save(LogWriter log) {
        Optional<PageMap> pages = log.pages();
        if (pages.isPresent() && !log.hasOpen() && log.end().seq() > savedSeq) {
            state.savePages(
                    new SavedPages(
                            archive,
                            log.end(),
                            log.pageSize(),
                            pages.get(),
                            log.source().toBytes()));
            savedSeq = log.end().seq();
        }
    }
}
