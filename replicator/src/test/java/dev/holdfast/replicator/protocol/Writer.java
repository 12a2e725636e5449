package dev.holdfast.replicator.protocol;

/// The application's connection that writes, one frame a transaction.
///
/// @param slot that its read transaction holds, or [Pins#NONE]
/// @param snapshot the wal-index header when it began, as long as that matters
record Writer(Phase phase, int slot, Place snapshot) {
    static final Writer IDLE = new Writer(Phase.IDLE, Pins.NONE, Place.NOWHERE);

    enum Phase {
        IDLE,
        READING,
        /// Has the write lock, sits on slot 0: the WAL may be reset now.
        LOCKED_ON_ZERO,
        LOCKED,
        /// The frame is in the file, and the wal-index does not know it yet.
        APPENDED
    }

    boolean hasWriteLock() {
        return switch (phase) {
            case IDLE, READING -> false;
            case LOCKED_ON_ZERO, LOCKED, APPENDED -> true;
        };
    }

    Writer in(Phase next) {
        return new Writer(next, slot, Place.NOWHERE);
    }

    @Override
    public String toString() {
        return phase + (slot == Pins.NONE ? "" : " on slot " + slot);
    }
}
