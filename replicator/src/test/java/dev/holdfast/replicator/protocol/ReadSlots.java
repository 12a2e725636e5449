package dev.holdfast.replicator.protocol;

import java.util.Optional;

/// How SQLite puts a reader on a slot (wal.c, walTryBeginRead).
final class ReadSlots {
    /// @param index with the mark set, if it had to be
    record Found(WalIndex index, int slot, int mark) {}

    private ReadSlots() {}

    /// The slot with the greatest mark up to the header's end; if that is not the end itself, the
    /// first slot that nobody is on gets it as its mark. Empty if the reader has to try again.
    static Optional<Found> find(State state, Place header) {
        WalIndex index = state.index();
        int best = 0;
        int bestMark = 0;
        for (int slot = 1; slot <= WalIndex.MARKED_SLOTS; slot++) {
            int mark = index.mark(slot);
            if (bestMark <= mark && mark <= header.frame()) {
                best = slot;
                bestMark = mark;
            }
        }
        if (best == 0 || bestMark < header.frame()) {
            for (int slot = 1; slot <= WalIndex.MARKED_SLOTS; slot++) {
                if (state.isFree(slot)) {
                    int mark = header.frame();
                    return Optional.of(new Found(index.withMark(slot, mark), slot, mark));
                }
            }
        }
        return best == 0 ? Optional.empty() : Optional.of(new Found(index, best, bestMark));
    }

    /// Slot 0 if everything is copied back, and nobody copies just now.
    static boolean isZeroFor(State state, Place header) {
        return state.index().backfill() == header.frame() && state.isSharable(0);
    }

    /// All of it at once, for a connection whose races with others are SQLite's own affair.
    static Optional<Found> begin(State state, boolean mayIgnoreWal) {
        Place header = state.index().end();
        if (mayIgnoreWal && isZeroFor(state, header)) {
            return Optional.of(new Found(state.index(), 0, 0));
        }
        return find(state, header).filter(found -> state.isSharable(found.slot()));
    }
}
