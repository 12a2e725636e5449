package dev.holdfast.replicator.protocol;

/// What all processes share: the wal-index, the `-wal` file, and what has truly been committed.
///
/// @param fileGeneration of the file's header; 0 if the file is empty
/// @param frames valid frames of that generation, each the only one of a transaction; some of the
///   last may never have been acknowledged by the wal-index
/// @param committed all transactions that happened, in their order
/// @param generations how many generations there have been
record Wal(WalIndex index, int fileGeneration, TxList frames, TxList committed, int generations) {
    static final Wal EMPTY =
            new Wal(
                    new WalIndex(new Place(1, 0), 0, 0, 0, WalIndex.UNUSED, true),
                    0,
                    TxList.EMPTY,
                    TxList.EMPTY,
                    1);

    Wal with(WalIndex changed) {
        return new Wal(changed, fileGeneration, frames, committed, generations);
    }

    /// The reset. The file keeps its old header and frames until the next write.
    Wal restarted() {
        int next = generations + 1;
        return new Wal(index.restarted(next), fileGeneration, frames, committed, next);
    }

    Wal truncated() {
        return new Wal(index, 0, TxList.EMPTY, committed, generations);
    }

    /// Writes one frame after those that are acknowledged, over whatever is there.
    Wal appended(int tx) {
        TxList before = frames.first(index.maxFrame());
        return new Wal(
                index,
                index.end().generation(),
                index.maxFrame() == 0 ? TxList.EMPTY.plus(tx) : before.plus(tx),
                committed,
                generations);
    }

    Wal published() {
        int tx = frames.at(index.maxFrame());
        return new Wal(index.published(), fileGeneration, frames, committed.plus(tx), generations);
    }

    /// Power is lost: of the frames that were not yet copied back, and so not forced, those after
    /// `kept` are gone.
    Wal afterPowerLoss(int kept) {
        TxList lost = frames.last(frames.size() - kept);
        return new Wal(
                index.torn(),
                kept == 0 ? 0 : fileGeneration,
                frames.first(kept),
                committed.without(lost),
                generations);
    }

    /// Whether the frame that ends at `place` is there, with all before it as `expected`.
    boolean holds(Place place, TxList expected) {
        return fileGeneration == place.generation()
                && frames.size() >= place.frame()
                && frames.first(place.frame()).equals(expected);
    }

    @Override
    public String toString() {
        return "index %s, file g%d%s, committed %s"
                .formatted(index, fileGeneration, frames, committed);
    }
}
