package dev.holdfast.replicator;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.state.SavedPages;
import dev.holdfast.storage.state.StateFolder;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Saves the page map now and then, so that the spool before it can be given back and the next
/// start is short. Owned by the capture thread.
final class PageKeeper {
    /// At most so much of the spool is read at a start, unless the page map itself is larger.
    private static final long SAVE_AFTER_BYTES = 16 << 20;

    private static final long RETRY_NANOS = Duration.ofSeconds(10).toNanos();

    private final StateFolder state;
    private final Spool spool;
    private final ArchiveId archive;
    private final LongSupplier unneededSeq;
    private final Timekeeper time;
    private long savedSeq;

    /// Bytes of the spool's entries after `savedSeq`, up to `countedSeq`.
    private long unsavedBytes;

    private long countedSeq;
    private long notBefore = Long.MIN_VALUE;

    /// @param unneededSeq the segment up to which nothing in the spool is needed any more
    PageKeeper(
            StateFolder state,
            Spool spool,
            ArchiveId archive,
            LongSupplier unneededSeq,
            Timekeeper time) {
        this.state = state;
        this.spool = spool;
        this.archive = archive;
        this.unneededSeq = unneededSeq;
        this.time = time;
        this.savedSeq = state.pages().map(saved -> saved.point().seq()).orElse(0L);
        this.countedSeq = savedSeq;
    }

    /// A new history has begun: what was saved is of the old one.
    void forget() {
        savedSeq = 0;
        state.removePages();
    }

    /// Saves if the spool has grown enough, or if nothing is saved of a map that has become known,
    /// and removes from the spool what nobody needs any more. Cuts if it must.
    ///
    /// @throws SidecarException.LocalFiles if it could not be saved; it is tried again later
    void saveIfDue(LogWriter log) throws SpoolException {
        if (countedSeq < log.end().seq()) {
            for (SpoolEntry entry : spool.from(countedSeq + 1)) {
                unsavedBytes += entry.end() - entry.offset();
            }
            countedSeq = log.end().seq();
        }
        Optional<PageMap> pages = log.pages();
        if (pages.isPresent() && isDue(pages.get()) && time.nanoTime() >= notBefore) {
            notBefore = time.nanoTime() + RETRY_NANOS;
            log.cut();
            save(log);
            notBefore = Long.MIN_VALUE;
        }
        removeUnneeded();
    }

    private boolean isDue(PageMap pages) {
        return savedSeq == 0
                || unsavedBytes > Math.max(SAVE_AFTER_BYTES, pages.pageCount() * Long.BYTES);
    }

    /// Gives back what is durable, and needed for no start.
    void removeUnneeded() throws SpoolException {
        try {
            spool.removeThrough(Math.min(savedSeq, unneededSeq.getAsLong()));
        } catch (IOException e) {
            throw new SpoolException(e);
        }
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
            countedSeq = savedSeq;
            unsavedBytes = 0;
        }
    }
}
