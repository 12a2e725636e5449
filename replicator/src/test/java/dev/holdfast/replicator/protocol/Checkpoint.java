package dev.holdfast.replicator.protocol;

/// A checkpoint under way, the application's or our own, in the order of wal.c's walCheckpoint.
///
/// @param slot whose mark is looked at or waited for; else 0
/// @param safe up to which frame may be copied, as far as is known
/// @param mark that the slot had when it was looked at
record Checkpoint(Phase phase, Mode mode, int slot, int safe, int mark) {
    static final Checkpoint NONE = new Checkpoint(Phase.NONE, Mode.PASSIVE, 0, 0, 0);

    enum Mode {
        PASSIVE,
        TRUNCATE
    }

    enum Phase {
        NONE,
        WANTS_WRITE_LOCK,
        HEADER,
        /// TRUNCATE only: is to look at the mark of a slot.
        SCAN,
        /// Wants the slot that it looked at exclusively, to move its mark.
        WANTS_SLOT,
        WANTS_SLOT_ZERO,
        COPYING,
        /// Has noted what was copied, and still keeps slot 0.
        COPIED,
        /// TRUNCATE only: wants all marked slots exclusively.
        WANTS_ALL_SLOTS,
        /// Has reset the wal-index, not yet truncated the file.
        RESET
    }

    static Checkpoint begun(Mode mode) {
        Phase first = mode == Mode.TRUNCATE ? Phase.WANTS_WRITE_LOCK : Phase.HEADER;
        return new Checkpoint(first, mode, 0, 0, 0);
    }

    boolean isUnderWay() {
        return phase != Phase.NONE;
    }

    boolean hasWriteLock() {
        return isUnderWay() && mode == Mode.TRUNCATE && phase != Phase.WANTS_WRITE_LOCK;
    }

    boolean isExclusiveOn(int lockedSlot) {
        return lockedSlot == 0
                ? phase == Phase.COPYING || phase == Phase.COPIED
                : phase == Phase.RESET;
    }

    Checkpoint in(Phase next) {
        return new Checkpoint(next, mode, 0, safe, 0);
    }

    Checkpoint scan(int scanned, int frames) {
        return new Checkpoint(Phase.SCAN, mode, scanned, frames, 0);
    }

    Checkpoint wanting(int wanted, int seen) {
        return new Checkpoint(Phase.WANTS_SLOT, mode, wanted, safe, seen);
    }

    @Override
    public String toString() {
        return isUnderWay()
                ? "%s %s slot=%d safe=%d".formatted(mode, phase, slot, safe)
                : "no checkpoint";
    }
}
