package dev.holdfast.replicator.protocol;

import java.util.Set;

/// Letting a waiting checkpointer of the application through, and the proof afterwards.
record AsideSteps(Set<Flaw> flaws) {
    void begin(Moves moves, State state, boolean isNew) {
        Holdfast holdfast = state.holdfast();
        boolean isDue =
                state.app().hasWriteLock()
                        && state.index().isWhole()
                        && !state.index().isBackfilled()
                        && !holdfast.isOnSlotZero()
                        && !isNew
                        && !flaws.contains(Flaw.NEVER_ASIDE);
        if (isDue) {
            moves.step(
                    "holdfast: cuts, to step aside",
                    state.with(
                            holdfast.with(holdfast.log().cut())
                                    .now(new Doing.SteppingAside(state.index().counter()))));
        }
    }

    void letGo(Moves moves, State state, int counter) {
        Holdfast holdfast = state.holdfast();
        moves.step(
                "holdfast: lets go of its only pin",
                state.with(holdfast.with(holdfast.pins().unpinned()).now(new Doing.Away(counter))));
    }

    /// With the pin taken again.
    void prove(Moves moves, State state, int counter) {
        Holdfast holdfast = state.holdfast();
        if (flaws.contains(Flaw.ASIDE_WITHOUT_PROOF)
                || isNothingMissed(state.wal(), holdfast.log(), counter)) {
            moves.step(
                    "holdfast: has proven that it missed nothing",
                    state.with(
                            holdfast.with(owing(state)).believing(false).now(new Doing.Resting())));
        } else {
            moves.step(
                    "holdfast: can't prove that it missed nothing",
                    state.with(holdfast.withContinuityLost()));
        }
    }

    /// The pin may stand on slot 0 with commits that were not read yet.
    private CapturedLog owing(State state) {
        CapturedLog log = state.holdfast().log();
        return flaws.contains(Flaw.RESET_AFTER_ASIDE_UNSEEN) ? log : log.owing(state.index().end());
    }

    private boolean isNothingMissed(Wal wal, CapturedLog log, int counter) {
        WalIndex now = wal.index();
        int committed = now.counter() - counter;
        boolean isInPlace =
                log.end().frame() > 0
                        && log.end().frame() <= now.maxFrame()
                        && log.end().generation() == now.end().generation()
                        && wal.holds(log.end(), log.framesAtEnd());
        if (!now.isWhole()) {
            return false;
        }
        if (isInPlace) {
            return true;
        }
        if (committed == 0) {
            return flaws.contains(Flaw.ASIDE_BELIEVES_COUNTER) || now.maxFrame() == 0;
        }
        return wal.fileGeneration() == now.end().generation() && now.maxFrame() == committed;
    }
}
