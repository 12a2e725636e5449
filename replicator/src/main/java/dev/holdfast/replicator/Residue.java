package dev.holdfast.replicator;

import dev.holdfast.wal.WalIndexHeader;

/// What is not yet copied back of a WAL, from one look to the next.
final class Residue {
    /// So little can be copied back between two commits, or under the write lock.
    private static final long FEW_FRAMES = 128;

    private Residue() {}

    static boolean isSmall(WalIndexHeader oracle) {
        return frames(oracle) < FEW_FRAMES;
    }

    /// Whether another round may lead to slot 0.
    static boolean isShrinking(WalIndexHeader before, WalIndexHeader after) {
        return isSmall(after) || frames(after) < frames(before) * 3 / 4;
    }

    /// Whether so much was committed meanwhile that another round would find as much.
    static boolean isOutpaced(WalIndexHeader before, WalIndexHeader after) {
        return before.end().sameGeneration(after.end())
                && after.maxFrame() - before.maxFrame() >= FEW_FRAMES;
    }

    private static long frames(WalIndexHeader oracle) {
        return oracle.maxFrame() - oracle.backfilled();
    }
}
