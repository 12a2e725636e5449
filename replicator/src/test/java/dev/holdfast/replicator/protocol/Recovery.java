package dev.holdfast.replicator.protocol;

/// How SQLite builds the wal-index anew from the file (wal.c, walIndexRecover). What was whole in
/// the file has happened then, acknowledged before or not. The change counter begins at 0.
final class Recovery {
    private Recovery() {}

    /// Whether one who holds no lock can do it now.
    static boolean isPossible(State state) {
        return state.isWriteLockFree() && state.isCheckpointLockFree();
    }

    static State run(State state) {
        Wal wal = state.wal();
        int frames = wal.frames().size();
        int generations = frames == 0 ? wal.generations() + 1 : wal.generations();
        Place end = new Place(frames == 0 ? generations : wal.fileGeneration(), frames);
        WalIndex index = new WalIndex(end, 0, 0, wal.index().mark1(), wal.index().mark2(), true);
        for (int slot = 1; slot <= WalIndex.MARKED_SLOTS; slot++) {
            if (state.isFree(slot)) {
                index = index.withMark(slot, slot == 1 && frames > 0 ? frames : WalIndex.UNUSED);
            }
        }
        return state.with(
                new Wal(
                        index,
                        wal.fileGeneration(),
                        wal.frames(),
                        wal.committed().union(wal.frames()),
                        generations));
    }
}
