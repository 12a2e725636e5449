package dev.holdfast.replicator.protocol;

/// A checkpoint, one step at a time (wal.c, walCheckpoint), whoever runs it.
abstract class CheckpointSteps {
    private final String who;

    CheckpointSteps(String who) {
        this.who = who;
    }

    /// The state in which this checkpoint is at `changed`.
    abstract State put(State state, Checkpoint changed);

    /// The state after its end, as PASSIVE or TRUNCATE or failed.
    abstract State ended(State state);

    final void addTo(Moves moves, State state, Checkpoint at) {
        switch (at.phase()) {
            case NONE -> throw new IllegalArgumentException("no checkpoint is under way");
            case WANTS_WRITE_LOCK -> lockWriters(moves, state, at);
            case HEADER -> readHeader(moves, state, at);
            case SCAN -> scan(moves, state, at);
            case WANTS_SLOT -> takeSlot(moves, state, at);
            case WANTS_SLOT_ZERO -> takeSlotZero(moves, state, at);
            case COPYING ->
                    moves.step(
                            who + ": has copied frames back up to " + at.safe(),
                            put(
                                    state.with(state.index().withBackfill(at.safe())),
                                    at.in(Checkpoint.Phase.COPIED)));
            case COPIED -> moves.step(who + ": lets go of slot 0", afterCopy(state, at));
            case WANTS_ALL_SLOTS -> drain(moves, state, at);
            case RESET ->
                    moves.step(
                            who + ": truncates the file",
                            ended(state.with(state.wal().truncated())));
        }
    }

    private void lockWriters(Moves moves, State state, Checkpoint at) {
        if (state.isWriteLockFree()) {
            moves.step(who + ": takes the write lock", put(state, at.in(Checkpoint.Phase.HEADER)));
        }
        moves.add(
                Moves.Kind.TIMEOUT,
                who + ": does not get the write lock, goes on as PASSIVE",
                put(state, Checkpoint.begun(Checkpoint.Mode.PASSIVE)));
    }

    private void readHeader(Moves moves, State state, Checkpoint at) {
        if (!state.index().isWhole()) {
            if (at.hasWriteLock() || state.isWriteLockFree()) {
                moves.step(who + ": recovers the wal-index", Recovery.run(state));
            }
            return;
        }
        int end = state.index().maxFrame();
        boolean isNothingThere = end == 0 && state.wal().frames().size() == 0;
        if (isNothingThere) {
            moves.step(who + ": finds an empty WAL", ended(state));
        } else if (state.index().isBackfilled()) {
            moves.step(who + ": finds everything copied back", afterCopy(state, at));
        } else if (at.mode() == Checkpoint.Mode.TRUNCATE) {
            moves.step(who + ": reads the header", put(state, at.scan(1, end)));
        } else {
            moves.step(who + ": goes around all readers", scanAtOnce(state, at, end));
        }
    }

    /// PASSIVE waits for no slot, so nobody can be in its way between two of them.
    private State scanAtOnce(State state, Checkpoint at, int end) {
        int safe = end;
        WalIndex index = state.index();
        for (int slot = 1; slot <= WalIndex.MARKED_SLOTS; slot++) {
            if (safe > index.mark(slot)) {
                if (state.isFree(slot)) {
                    index = index.withMark(slot, slot == 1 ? safe : WalIndex.UNUSED);
                } else {
                    safe = index.mark(slot);
                }
            }
        }
        return afterSlot(state.with(index), at.scan(WalIndex.MARKED_SLOTS, safe));
    }

    private void scan(Moves moves, State state, Checkpoint at) {
        int mark = state.index().mark(at.slot());
        moves.step(
                who + ": looks at the mark of slot " + at.slot(),
                at.safe() > mark ? put(state, at.wanting(at.slot(), mark)) : afterSlot(state, at));
    }

    private void takeSlot(Moves moves, State state, Checkpoint at) {
        if (state.isFree(at.slot())) {
            int mark = at.slot() == 1 ? at.safe() : WalIndex.UNUSED;
            State marked = state.with(state.index().withMark(at.slot(), mark));
            moves.step(who + ": moves the mark of slot " + at.slot(), afterSlot(marked, at));
        } else {
            busy(moves, at, who + ": gives up waiting for slot " + at.slot(), ended(state));
        }
    }

    /// Only a TRUNCATE waits, until its patience ends.
    private static void busy(Moves moves, Checkpoint at, String what, State next) {
        boolean isWaiting = at.mode() == Checkpoint.Mode.TRUNCATE;
        moves.add(isWaiting ? Moves.Kind.TIMEOUT : Moves.Kind.STEP, what, next);
    }

    private State afterSlot(State state, Checkpoint at) {
        if (at.slot() < WalIndex.MARKED_SLOTS) {
            return put(state, at.scan(at.slot() + 1, at.safe()));
        }
        return state.index().backfill() < at.safe()
                ? put(state, at.in(Checkpoint.Phase.WANTS_SLOT_ZERO))
                : afterCopy(state, at);
    }

    private void takeSlotZero(Moves moves, State state, Checkpoint at) {
        if (state.isFree(0)) {
            moves.step(who + ": takes slot 0, copies", put(state, at.in(Checkpoint.Phase.COPYING)));
        } else {
            busy(moves, at, who + ": finds a reader on slot 0, copies nothing", ended(state));
        }
    }

    private State afterCopy(State state, Checkpoint at) {
        boolean goesOn = at.mode() == Checkpoint.Mode.TRUNCATE && state.index().isBackfilled();
        return goesOn ? put(state, at.in(Checkpoint.Phase.WANTS_ALL_SLOTS)) : ended(state);
    }

    private void drain(Moves moves, State state, Checkpoint at) {
        if (state.areMarkedSlotsFree()) {
            moves.step(
                    who + ": RESETS the WAL",
                    put(state.with(state.wal().restarted()), at.in(Checkpoint.Phase.RESET)));
        } else {
            busy(moves, at, who + ": gives up waiting for readers", ended(state));
        }
    }
}
