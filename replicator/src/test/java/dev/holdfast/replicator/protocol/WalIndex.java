package dev.holdfast.replicator.protocol;

/// The wal-index: its header, and the checkpointer's notes beside it.
///
/// @param end what the header says: generation (for the salts) and maxFrame
/// @param backfill frames copied back
/// @param counter SQLite's change counter, one step a commit
/// @param isWhole false after a writer died between the header's two copies: then whoever reads it
///   next recovers it from the WAL
record WalIndex(Place end, int backfill, int counter, int mark1, int mark2, boolean isWhole) {
    /// Slots with a read mark. SQLite has 4; with fewer a reader is more often left with an older
    /// mark than it wanted, which can happen with 4 too.
    static final int MARKED_SLOTS = 2;

    /// `READMARK_NOT_USED`: greater than any frame.
    static final int UNUSED = 15;

    int maxFrame() {
        return end.frame();
    }

    boolean isBackfilled() {
        return backfill == end.frame();
    }

    int mark(int slot) {
        return slot == 1 ? mark1 : mark2;
    }

    WalIndex withMark(int slot, int mark) {
        return new WalIndex(
                end,
                backfill,
                counter,
                slot == 1 ? mark : mark1,
                slot == 2 ? mark : mark2,
                isWhole);
    }

    WalIndex withBackfill(int frames) {
        return new WalIndex(end, frames, counter, mark1, mark2, isWhole);
    }

    WalIndex torn() {
        return new WalIndex(end, backfill, counter, mark1, mark2, false);
    }

    /// wal.c, walFrames: one more commit of one frame.
    WalIndex published() {
        Place next = new Place(end.generation(), end.frame() + 1);
        return new WalIndex(next, backfill, counter + 1, mark1, mark2, true);
    }

    /// wal.c, walRestartHdr: the next frame will be the first one of a new generation.
    WalIndex restarted(int generation) {
        return new WalIndex(new Place(generation, 0), 0, counter, 0, UNUSED, true);
    }

    @Override
    public String toString() {
        return "%s backfill=%d counter=%d marks=%s,%s%s"
                .formatted(
                        end, backfill, counter, text(mark1), text(mark2), isWhole ? "" : " TORN");
    }

    private static String text(int mark) {
        return mark == UNUSED ? "-" : String.valueOf(mark);
    }
}
