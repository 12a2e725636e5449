package dev.holdfast.replicator.protocol;

import java.util.Optional;

/// What must hold after each move, and from each state on.
final class Invariants {
    private Invariants() {}

    /// What a move has broken; empty if nothing.
    static Optional<Broken> broken(State before, State after) {
        return brokenLog(after)
                .or(() -> brokenReset(before, after))
                .or(() -> brokenTakeOver(before, after));
    }

    /// What Holdfast stands for is the beginning of what happened, in its order.
    private static Optional<Broken> brokenLog(State state) {
        Holdfast holdfast = state.holdfast();
        TxList claimed = holdfast.log().claimed();
        TxList committed = state.wal().committed();
        if (!holdfast.isAttached() || committed.startsWith(claimed)) {
            return Optional.empty();
        }
        boolean isInvented = claimed.without(committed).size() > 0;
        return Optional.of(isInvented ? Broken.INVENTED : Broken.LOST);
    }

    /// When the WAL is reset while Holdfast pins it, all of it is captured and forced. When it has
    /// stepped aside, is down, or has just come back and owes a reading, it finds out afterwards.
    private static Optional<Broken> brokenReset(State before, State after) {
        boolean isReset =
                after.wal().generations() > before.wal().generations() && before.index().isWhole();
        Holdfast holdfast = after.holdfast();
        if (!isReset
                || !holdfast.isAttached()
                || holdfast.isAside()
                || holdfast.log().debt().isOpen()) {
            return Optional.empty();
        }
        CapturedLog log = holdfast.log();
        return log.isForced() && log.claimed().equals(after.wal().committed())
                ? Optional.empty()
                : Optional.of(Broken.RESET);
    }

    /// After a take-over that says it has landed, everything is copied back. (That its pin is on
    /// slot 0 too is what it concludes; a checkpointer of the application that has just copied the
    /// last frames can still keep it from there, which costs another round.)
    private static Optional<Broken> brokenTakeOver(State before, State after) {
        boolean isLanded =
                before.holdfast().takeOver() == Holdfast.TakeOver.LANDED
                        && after.holdfast().takeOver() == Holdfast.TakeOver.NONE
                        && after.holdfast().isAttached();
        return isLanded && !after.index().isBackfilled()
                ? Optional.of(Broken.TAKE_OVER)
                : Optional.empty();
    }

    /// The application's checkpointer has come to its end.
    static boolean isCheckpointerDone(State state) {
        return !state.app().isUnderWay();
    }

    /// Nothing is in the WAL.
    static boolean isReset(State state) {
        return state.index().maxFrame() == 0 && state.index().isWhole();
    }
}
