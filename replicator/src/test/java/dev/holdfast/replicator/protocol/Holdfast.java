package dev.holdfast.replicator.protocol;

/// Our process.
///
/// @param isOnSlotZero what it believes of its pin
record Holdfast(Doing doing, Pins pins, CapturedLog log, boolean isOnSlotZero, TakeOver takeOver) {
    /// It starts where it finds the database, pins nothing, and knows nothing.
    static final Holdfast DOWN =
            new Holdfast(new Doing.Down(), Pins.NOTHING, CapturedLog.UNKNOWN, false, TakeOver.NONE);

    enum TakeOver {
        NONE,
        BEGUN,
        /// The pin is on slot 0, and the next transaction will reset the WAL.
        LANDED
    }

    Holdfast now(Doing next) {
        return new Holdfast(next, pins, log, isOnSlotZero, takeOver);
    }

    Holdfast with(Pins held) {
        return new Holdfast(doing, held, log, isOnSlotZero, takeOver);
    }

    Holdfast with(CapturedLog changed) {
        return new Holdfast(doing, pins, changed, isOnSlotZero, takeOver);
    }

    Holdfast with(TakeOver changed) {
        return new Holdfast(doing, pins, log, isOnSlotZero, changed);
    }

    Holdfast believing(boolean onSlotZero) {
        return new Holdfast(doing, pins, log, onSlotZero, takeOver);
    }

    /// Dead, with what had been forced.
    Holdfast killed() {
        return DOWN.with(log.afterKill());
    }

    /// Let go of after trouble, which only a rebase can follow.
    Holdfast withContinuityLost() {
        return DOWN;
    }

    Checkpoint checkpoint() {
        return doing instanceof Doing.Checkpointing(Checkpoint own) ? own : Checkpoint.NONE;
    }

    boolean hasWriteLock() {
        return pins.writing() != Pins.NONE;
    }

    /// Whether it stands for its log just now.
    boolean isAttached() {
        return !(doing instanceof Doing.Down || doing instanceof Doing.Attaching);
    }

    /// Whether it has let go of all pins on purpose, and will prove afterwards what happened.
    boolean isAside() {
        return doing instanceof Doing.Away || doing instanceof Doing.Proving;
    }

    @Override
    public String toString() {
        return "%s, %s%s, %s%s"
                .formatted(
                        doing,
                        pins,
                        isOnSlotZero ? " (believed on 0)" : "",
                        log,
                        takeOver == TakeOver.NONE ? "" : ", take-over " + takeOver);
    }
}
