package dev.holdfast.replicator.protocol;

import java.util.Optional;

/// What the application's writer does, and how it dies.
///
/// @param transactions it begins at most
record WriterSteps(int transactions) {
    void addTo(Moves moves, State state) {
        Writer writer = state.writer();
        switch (writer.phase()) {
            case IDLE -> begin(moves, state);
            case READING -> lock(moves, state);
            case LOCKED_ON_ZERO -> leaveZero(moves, state);
            case LOCKED -> {
                moves.step(
                        "writer: appends transaction " + (state.begun() + 1),
                        state.with(state.wal().appended(state.begun() + 1))
                                .withBegun(state.begun() + 1)
                                .with(writer.in(Writer.Phase.APPENDED)));
                moves.step("writer: rolls back", state.with(Writer.IDLE));
            }
            case APPENDED -> publish(moves, state);
        }
    }

    private void begin(Moves moves, State state) {
        if (state.begun() == transactions) {
            return;
        }
        if (!state.index().isWhole()) {
            if (Recovery.isPossible(state)) {
                moves.step("writer: recovers the wal-index", Recovery.run(state));
            }
            return;
        }
        Optional<ReadSlots.Found> found = ReadSlots.begin(state, true);
        if (found.isPresent()) {
            Writer reading =
                    new Writer(Writer.Phase.READING, found.get().slot(), state.index().end());
            moves.step("writer: begins to read", state.with(found.get().index()).with(reading));
        }
    }

    private static void lock(Moves moves, State state) {
        Writer writer = state.writer();
        moves.step("writer: ends its read transaction", state.with(Writer.IDLE));
        // Else SQLITE_BUSY_SNAPSHOT, or the lock is taken
        if (state.isWriteLockFree() && writer.snapshot().equals(state.index().end())) {
            Writer.Phase next =
                    writer.slot() == 0 ? Writer.Phase.LOCKED_ON_ZERO : Writer.Phase.LOCKED;
            moves.step("writer: takes the write lock", state.with(writer.in(next)));
        }
    }

    /// wal.c, walRestartLog.
    private static void leaveZero(Moves moves, State state) {
        boolean isReset = state.index().backfill() > 0 && state.areMarkedSlotsFree();
        State before = isReset ? state.with(state.wal().restarted()) : state;
        Optional<ReadSlots.Found> found =
                ReadSlots.begin(before.with(state.writer().in(Writer.Phase.LOCKED)), false);
        if (found.isPresent()) {
            Writer locked = new Writer(Writer.Phase.LOCKED, found.get().slot(), Place.NOWHERE);
            moves.step(
                    isReset ? "writer: RESETS the WAL" : "writer: can't reset the WAL",
                    before.with(found.get().index()).with(locked));
        }
        if (isReset && state.faults() > 0) {
            moves.add(
                    Moves.Kind.FAULT,
                    "writer: dies in the midst of a reset",
                    state.afterFault().with(state.index().torn()).with(Writer.IDLE));
        }
    }

    private static void publish(Moves moves, State state) {
        moves.step(
                "writer: publishes its commit, and ends",
                state.with(state.wal().published()).with(Writer.IDLE));
        moves.add(
                Moves.Kind.FAULT,
                "writer: dies, or rolls back, with the commit frame in the file",
                state.with(Writer.IDLE));
        if (state.faults() > 0) {
            moves.add(
                    Moves.Kind.FAULT,
                    "writer: dies while it writes the wal-index header",
                    state.afterFault().with(state.index().torn()).with(Writer.IDLE));
        }
    }
}
