package dev.holdfast.replicator.protocol;

/// One state of everything. Who holds which lock follows from where the processes are.
///
/// @param reader the slot of the application's connection that only reads, or [Pins#NONE]
/// @param begun transactions that were written, committed or not: numbers them, and bounds the
///   exploration
/// @param faults of the application or the machine that may still come
/// @param kills of Holdfast that may still come
record State(
        Wal wal,
        Writer writer,
        int reader,
        Checkpoint app,
        Holdfast holdfast,
        int begun,
        int faults,
        int kills) {

    static State initial(int faults, int kills) {
        return new State(
                Wal.EMPTY,
                Writer.IDLE,
                Pins.NONE,
                Checkpoint.NONE,
                Holdfast.DOWN,
                0,
                faults,
                kills);
    }

    State with(Wal changed) {
        return new State(changed, writer, reader, app, holdfast, begun, faults, kills);
    }

    State with(Writer changed) {
        return new State(wal, changed, reader, app, holdfast, begun, faults, kills);
    }

    State withReader(int slot) {
        return new State(wal, writer, slot, app, holdfast, begun, faults, kills);
    }

    State withApp(Checkpoint changed) {
        return new State(wal, writer, reader, changed, holdfast, begun, faults, kills);
    }

    State with(Holdfast changed) {
        return new State(wal, writer, reader, app, changed, begun, faults, kills);
    }

    State withBegun(int count) {
        return new State(wal, writer, reader, app, holdfast, count, faults, kills);
    }

    State afterFault() {
        return new State(wal, writer, reader, app, holdfast, begun, faults - 1, kills);
    }

    State afterKill() {
        return new State(wal, writer, reader, app, holdfast, begun, faults, kills - 1);
    }

    WalIndex index() {
        return wal.index();
    }

    State with(WalIndex changed) {
        return with(wal.with(changed));
    }

    boolean isWriteLockFree() {
        return !writer.hasWriteLock() && !app.hasWriteLock() && !holdfast.hasWriteLock();
    }

    boolean isCheckpointLockFree() {
        return !app.isUnderWay() && !holdfast.checkpoint().isUnderWay();
    }

    /// Whether a reader can join.
    boolean isSharable(int slot) {
        return !app.isExclusiveOn(slot) && !holdfast.checkpoint().isExclusiveOn(slot);
    }

    /// Whether nobody is on the slot.
    boolean isFree(int slot) {
        return isSharable(slot)
                && writer.slot() != slot
                && reader != slot
                && !holdfast.pins().holds(slot);
    }

    /// Whether nobody reads the WAL.
    boolean areMarkedSlotsFree() {
        boolean isFree = true;
        for (int slot = 1; slot <= WalIndex.MARKED_SLOTS; slot++) {
            isFree &= isFree(slot);
        }
        return isFree;
    }

    @Override
    public String toString() {
        return "%s%n       writer %s; %sapp: %s%n       holdfast: %s"
                .formatted(
                        wal,
                        writer,
                        reader == Pins.NONE ? "" : "reader on slot " + reader + "; ",
                        app,
                        holdfast);
    }
}
