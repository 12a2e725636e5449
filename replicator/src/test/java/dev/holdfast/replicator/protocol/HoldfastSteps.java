package dev.holdfast.replicator.protocol;

import dev.holdfast.replicator.protocol.Doing.HandOver;

import java.util.Optional;
import java.util.Set;

/// What Holdfast's capture thread does. Where the product goes by time, anything may happen here.
final class HoldfastSteps extends CheckpointSteps {
    private final Set<Flaw> flaws;
    private final HandOverSteps handOver;
    private final AsideSteps aside;

    HoldfastSteps(Set<Flaw> flaws) {
        super("holdfast");
        this.flaws = flaws;
        this.handOver = new HandOverSteps(flaws);
        this.aside = new AsideSteps(flaws);
    }

    void addTo(Moves moves, State state) {
        switch (state.holdfast().doing()) {
            case Doing.Down _ -> pin(moves, state, "starts", new Doing.Attaching());
            case Doing.Attaching _ -> attach(moves, state);
            case Doing.Resting _ -> rest(moves, state);
            case Doing.Beginning(HandOver begun) -> handOver.readHeader(moves, state, begun);
            case Doing.Choosing(HandOver begun, Place header) ->
                    handOver.choose(moves, state, begun, header);
            case Doing.Joining joining -> handOver.join(moves, state, joining);
            case Doing.Reading(HandOver begun) -> handOver.look(moves, state, begun);
            case Doing.Verifying(HandOver begun, Place oracle) ->
                    handOver.read(moves, state, begun, oracle);
            case Doing.Landing landing -> handOver.letGo(moves, state, landing);
            case Doing.Checkpointing(Checkpoint own) -> addTo(moves, state, own);
            case Doing.Checkpointed _ ->
                    moves.step("holdfast: begins to hand over", handOverBegun(state, true));
            case Doing.StandingGuard _ -> aside.letGoGuarded(moves, state);
            case Doing.OnGuard _ -> onGuard(moves, state);
            case Doing.SteppingAside(int counter) -> aside.letGo(moves, state, counter);
            case Doing.Away(int counter) ->
                    pin(moves, state, "comes back", new Doing.Proving(counter));
            case Doing.Proving(int counter) -> aside.prove(moves, state, counter);
        }
        if (state.kills() > 0 && !(state.holdfast().doing() instanceof Doing.Down)) {
            moves.add(
                    Moves.Kind.FAULT,
                    "holdfast: is KILLED",
                    state.afterKill().with(state.holdfast().killed()));
        }
    }

    private void rest(Moves moves, State state) {
        Holdfast holdfast = state.holdfast();
        boolean isTakingOver = holdfast.takeOver() != Holdfast.TakeOver.NONE;
        beginHandOver(moves, state);
        if (!holdfast.log().isForced()) {
            moves.step("holdfast: cuts", state.with(holdfast.with(holdfast.log().cut())));
        }
        if (state.index().isWhole()
                && !state.index().isBackfilled()
                && state.isCheckpointLockFree()) {
            moves.step("holdfast: begins its own checkpoint", beginCheckpoint(state));
        }
        if (isTakingOver) {
            endTakeOver(moves, state);
        } else {
            beginTakeOver(moves, state);
            aside.begin(moves, state, handOver.isNew(state));
        }
    }

    private void beginHandOver(Moves moves, State state) {
        boolean isNew = handOver.isNew(state) || !state.index().isWhole();
        boolean isBegun =
                isNew
                        || !flaws.contains(Flaw.NO_RENEWAL)
                        || state.holdfast().takeOver() != Holdfast.TakeOver.NONE;
        if (isBegun) {
            moves.step("holdfast: begins to hand over", handOverBegun(state, false));
        }
    }

    private void onGuard(Moves moves, State state) {
        moves.step("holdfast: begins to hand over", handOverBegun(state, false));
        if (handOver.isNew(state)) {
            handOver.readOnGuard(moves, state);
        } else if (state.index().isWhole()
                && state.index().isBackfilled()
                && (state.holdfast().log().isForced() || flaws.contains(Flaw.LANDS_UNFORCED))) {
            HandOver landing = new HandOver(state.index().end(), false, true);
            moves.step("holdfast: begins to land", now(state, new Doing.Beginning(landing)));
        }
    }

    private State handOverBegun(State state, boolean isAfterCheckpoint) {
        WalIndex index = state.index();
        Place backfilled = index.isWhole() && index.isBackfilled() ? index.end() : Place.NOWHERE;
        Holdfast holdfast = state.holdfast();
        boolean isInTakeOver = isAfterCheckpoint && holdfast.takeOver() != Holdfast.TakeOver.NONE;
        Pins pins =
                flaws.contains(Flaw.LET_GO_BEFORE_TAKE)
                        ? holdfast.pins().unpinned()
                        : holdfast.pins();
        return state.with(
                holdfast.with(pins)
                        .now(new Doing.Beginning(new HandOver(backfilled, isInTakeOver, false))));
    }

    private State beginCheckpoint(State state) {
        Holdfast holdfast = state.holdfast();
        Pins pins =
                flaws.contains(Flaw.CHECKPOINT_UNPINNED)
                        ? holdfast.pins().unpinned()
                        : holdfast.pins();
        return state.with(
                holdfast.with(pins)
                        .now(new Doing.Checkpointing(Checkpoint.begun(Checkpoint.Mode.PASSIVE))));
    }

    @Override
    State put(State state, Checkpoint changed) {
        return now(state, new Doing.Checkpointing(changed));
    }

    @Override
    State ended(State state) {
        Holdfast holdfast = state.holdfast();
        boolean isReleasedEarly =
                flaws.contains(Flaw.TAKE_OVER_RELEASED_EARLY)
                        && holdfast.takeOver() != Holdfast.TakeOver.NONE
                        && state.index().isBackfilled();
        Holdfast after =
                isReleasedEarly
                        ? holdfast.with(holdfast.pins().withWriting(Pins.NONE))
                                .with(Holdfast.TakeOver.LANDED)
                        : holdfast;
        return state.with(after.now(new Doing.Checkpointed()));
    }

    /// `BEGIN IMMEDIATE` on a connection of its own, which reads too.
    private static void beginTakeOver(Moves moves, State state) {
        if (!state.index().isWhole() || state.index().isBackfilled() || !state.isWriteLockFree()) {
            return;
        }
        Optional<ReadSlots.Found> found = ReadSlots.begin(state, true);
        if (found.isPresent()) {
            Holdfast holdfast = state.holdfast();
            moves.step(
                    "holdfast: cuts, and takes the write lock to take over",
                    state.with(found.get().index())
                            .with(
                                    holdfast.with(holdfast.log().cut())
                                            .with(holdfast.pins().withWriting(found.get().slot()))
                                            .with(Holdfast.TakeOver.BEGUN)));
        }
    }

    private static void endTakeOver(Moves moves, State state) {
        Holdfast holdfast = state.holdfast();
        moves.step(
                holdfast.takeOver() == Holdfast.TakeOver.LANDED
                        ? "holdfast: has landed, and lets go of the write lock"
                        : "holdfast: lets go of the write lock in vain",
                state.with(
                        holdfast.with(holdfast.pins().withWriting(Pins.NONE))
                                .with(Holdfast.TakeOver.NONE)));
    }

    /// Takes the only pin. Its races with other connections are SQLite's affair, as nobody relies
    /// on it before it is there.
    private static void pin(Moves moves, State state, String what, Doing next) {
        if (!state.index().isWhole()) {
            if (Recovery.isPossible(state)) {
                moves.step("holdfast: recovers the wal-index", Recovery.run(state));
            }
            return;
        }
        Optional<ReadSlots.Found> found = ReadSlots.begin(state, true);
        if (found.isPresent()) {
            Pins pins = new Pins(found.get().slot(), Pins.NONE, Pins.NONE, Pins.NONE);
            moves.step(
                    "holdfast: %s, with a pin on slot %d".formatted(what, pins.older()),
                    state.with(found.get().index()).with(state.holdfast().with(pins).now(next)));
        }
    }

    /// By the position in the WAL, else by the state, else a rebase.
    private void attach(Moves moves, State state) {
        Holdfast holdfast = state.holdfast();
        Wal wal = state.wal();
        if (!wal.index().isWhole()) {
            moves.step("holdfast: starts again", state.with(holdfast.killed()));
            return;
        }
        CapturedLog log = holdfast.log();
        Place end = wal.index().end();
        if (log.isKnown() && isInWal(wal, log)) {
            boolean isUnseen = flaws.contains(Flaw.RESET_AFTER_START_UNSEEN);
            attached(moves, state, "goes on, by its position", isUnseen ? log : log.owing(end));
        } else if (log.isKnown() && log.claimed().equals(wal.committed())) {
            attached(moves, state, "goes on, by the state", log.at(end));
        } else {
            attached(moves, state, "REBASES", CapturedLog.rebased(wal.committed(), end));
        }
    }

    private boolean isInWal(Wal wal, CapturedLog log) {
        Place end = wal.index().end();
        boolean isThere =
                log.end().generation() == end.generation() && log.end().frame() <= end.frame();
        return isThere
                && (flaws.contains(Flaw.POSITION_WITHOUT_CHECKSUM)
                        || wal.holds(log.end(), log.framesAtEnd()));
    }

    private static void attached(Moves moves, State state, String how, CapturedLog log) {
        Holdfast holdfast = state.holdfast();
        moves.step(
                "holdfast: " + how,
                state.with(holdfast.with(log).believing(false).now(new Doing.Resting())));
    }

    private static State now(State state, Doing doing) {
        return state.with(state.holdfast().now(doing));
    }
}
