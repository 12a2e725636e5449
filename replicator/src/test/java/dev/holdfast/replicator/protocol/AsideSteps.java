package dev.holdfast.replicator.protocol;

import java.util.EnumSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/// Letting a waiting checkpointer of the application through, and the proof afterwards.
record AsideSteps(Set<Flaw> flaws) {
    /// The flaws of stepping aside where no guard can stand.
    private static final Set<Flaw> UNGUARDED =
            EnumSet.of(
                    Flaw.ASIDE_WITHOUT_PROOF,
                    Flaw.ASIDE_BELIEVES_COUNTER,
                    Flaw.RESET_AFTER_ASIDE_UNSEEN);

    void begin(Moves moves, State state, boolean isNew) {
        Holdfast holdfast = state.holdfast();
        if (!state.index().isWhole()
                || state.index().isBackfilled()
                || flaws.contains(Flaw.NEVER_ASIDE)) {
            return;
        }
        // To step aside, or to land: that may begin with something unread
        OptionalInt guard = guard(state);
        if (guard.isPresent()) {
            moves.step(
                    "holdfast: stands guard on slot " + guard.getAsInt(),
                    state.with(
                            holdfast.with(holdfast.pins().withGuard(guard.getAsInt()))
                                    .believing(false)
                                    .now(new Doing.StandingGuard())));
        } else if (state.app().hasWriteLock() && !holdfast.isOnSlotZero() && !isNew) {
            moves.step(
                    "holdfast: cuts, to step aside",
                    state.with(
                            holdfast.with(holdfast.log().cut())
                                    .now(new Doing.SteppingAside(state.index().counter()))));
        }
    }

    /// A slot without a mark, which nobody has for itself.
    private OptionalInt guard(State state) {
        if (flaws.stream().anyMatch(UNGUARDED::contains)) {
            return OptionalInt.empty();
        }
        return IntStream.rangeClosed(1, WalIndex.MARKED_SLOTS)
                .filter(state::isSharable)
                .filter(slot -> state.index().mark(slot) == WalIndex.UNUSED)
                .findFirst();
    }

    void letGoGuarded(Moves moves, State state) {
        Holdfast holdfast = state.holdfast();
        Pins pins = holdfast.pins().unpinned();
        boolean isGuardless = flaws.contains(Flaw.GUARD_MISSING);
        moves.step(
                "holdfast: lets go of its pin, on guard",
                state.with(
                        holdfast.with(isGuardless ? pins.withGuard(Pins.NONE) : pins)
                                .now(new Doing.OnGuard())));
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
