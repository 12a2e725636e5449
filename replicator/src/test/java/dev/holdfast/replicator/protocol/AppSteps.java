package dev.holdfast.replicator.protocol;

/// The application's checkpointer, and what happens to the whole machine.
final class AppSteps extends CheckpointSteps {
    AppSteps() {
        super("app");
    }

    @Override
    State put(State state, Checkpoint changed) {
        return state.withApp(changed);
    }

    @Override
    State ended(State state) {
        return state.withApp(Checkpoint.NONE);
    }

    void addTo(Moves moves, State state) {
        if (state.app().isUnderWay()) {
            addTo(moves, state, state.app());
            if (state.faults() > 0) {
                moves.add(
                        Moves.Kind.FAULT,
                        "app: its checkpointer dies",
                        state.afterFault().withApp(Checkpoint.NONE));
            }
        } else if (state.isCheckpointLockFree()) {
            moves.step(
                    "app: begins a PASSIVE checkpoint",
                    state.withApp(Checkpoint.begun(Checkpoint.Mode.PASSIVE)));
            moves.step(
                    "app: begins a TRUNCATE checkpoint",
                    state.withApp(Checkpoint.begun(Checkpoint.Mode.TRUNCATE)));
        }
        if (state.faults() > 0 && state.wal().frames().size() > 0) {
            losePower(moves, state);
        }
    }

    /// What was copied back was forced before; of the rest any beginning can be left.
    private static void losePower(Moves moves, State state) {
        Wal wal = state.wal();
        boolean isFileOfIndex = wal.fileGeneration() == wal.index().end().generation();
        int least = isFileOfIndex ? wal.index().backfill() : wal.frames().size();
        for (int kept = least; kept <= wal.frames().size(); kept++) {
            moves.add(
                    Moves.Kind.FAULT,
                    "machine: loses power, " + kept + " frames of the WAL are left",
                    state.afterFault()
                            .with(wal.afterPowerLoss(kept))
                            .with(Writer.IDLE)
                            .withReader(Pins.NONE)
                            .withApp(Checkpoint.NONE)
                            .with(state.holdfast().killed()));
        }
    }
}
