package dev.holdfast.replicator.protocol;

import dev.holdfast.replicator.protocol.Doing.HandOver;

import java.util.Optional;
import java.util.Set;

/// Taking a younger pin, reading up to it, letting the older one go. The first steps are those of
/// wal.c's walTryBeginRead.
record HandOverSteps(Set<Flaw> flaws) {
    void readHeader(Moves moves, State state, HandOver handOver) {
        if (state.index().isWhole()) {
            moves.step(
                    "holdfast: begins to read at " + state.index().end(),
                    now(state, new Doing.Choosing(handOver, state.index().end())));
        } else if (Recovery.isPossible(state)) {
            moves.step("holdfast: recovers the wal-index", Recovery.run(state));
        }
    }

    void choose(Moves moves, State state, HandOver handOver, Place header) {
        if (ReadSlots.isZeroFor(state, header)) {
            if (header.equals(state.index().end())) {
                moves.step("holdfast: takes slot 0", taken(state, handOver, 0));
            } else {
                again(moves, state, handOver);
            }
            return;
        }
        Optional<ReadSlots.Found> found = ReadSlots.find(state, header);
        if (found.isPresent()) {
            ReadSlots.Found slot = found.get();
            moves.step(
                    "holdfast: chooses slot " + slot.slot(),
                    now(
                            state.with(slot.index()),
                            new Doing.Joining(handOver, header, slot.slot(), slot.mark())));
        } else {
            again(moves, state, handOver);
        }
    }

    void join(Moves moves, State state, Doing.Joining joining) {
        boolean isStillSo =
                state.isSharable(joining.slot())
                        && state.index().mark(joining.slot()) == joining.mark()
                        && state.index().end().equals(joining.header());
        if (isStillSo) {
            moves.step(
                    "holdfast: takes slot " + joining.slot(),
                    taken(state, joining.handOver(), joining.slot()));
        } else {
            again(moves, state, joining.handOver());
        }
    }

    private static void again(Moves moves, State state, HandOver handOver) {
        moves.step(
                "holdfast: has to begin to read again", now(state, new Doing.Beginning(handOver)));
    }

    private State taken(State state, HandOver handOver, int slot) {
        Holdfast holdfast = state.holdfast();
        Pins taken = holdfast.pins().taken(slot);
        Pins pins = flaws.contains(Flaw.GUARD_GONE_EARLY) ? taken.withGuard(Pins.NONE) : taken;
        return state.with(holdfast.with(pins).now(new Doing.Reading(handOver)));
    }

    /// With the younger pin: is there something new?
    void look(Moves moves, State state, HandOver handOver) {
        Holdfast holdfast = state.holdfast();
        WalIndex oracle = state.index();
        if (handOver.isLanding()) {
            land(moves, state);
            return;
        }
        boolean isUnread =
                flaws.contains(Flaw.TAKE_OVER_UNREAD)
                        && holdfast.takeOver() != Holdfast.TakeOver.NONE;
        if (!oracle.isWhole()) {
            giveUp(moves, state, "the wal-index is not whole");
        } else if (isOwedGone(state)) {
            findOwedGone(moves, state);
        } else if (isNew(state) && !isUnread) {
            moves.step(
                    "holdfast: sees new frames up to " + limit(state),
                    now(state, new Doing.Verifying(handOver, limit(state))));
        } else {
            boolean isOnZero = oracle.isBackfilled() && handOver.backfilled().equals(oracle.end());
            boolean isCutDue =
                    oracle.isBackfilled() && !flaws.contains(Flaw.NO_CUT_BEFORE_SLOT_ZERO);
            CapturedLog log = isCutDue ? holdfast.log().cut() : holdfast.log();
            moves.step(
                    "holdfast: has read all" + (isCutDue ? ", and forced it" : ""),
                    state.with(
                            holdfast.with(log)
                                    .now(
                                            new Doing.Landing(
                                                    handOver.isAfterCheckpoint(), isOnZero))));
        }
    }

    /// With the younger pin, on guard: where it stands on slot 0 and nothing has come since.
    private void land(Moves moves, State state) {
        boolean isLanded = state.index().isWhole() && state.index().isBackfilled() && !isNew(state);
        if (isLanded || flaws.contains(Flaw.LANDS_UNCHECKED)) {
            moves.step("holdfast: may land", now(state, new Doing.Landing(false, true)));
        } else {
            Holdfast holdfast = state.holdfast();
            moves.step(
                    "holdfast: lets the younger pin go, on guard",
                    state.with(
                            holdfast.with(holdfast.pins().withoutYounger())
                                    .now(new Doing.OnGuard())));
        }
    }

    /// Nothing can be reset meanwhile, so that it does not matter how long it takes.
    void readOnGuard(Moves moves, State state) {
        boolean isForcing = !flaws.contains(Flaw.LANDS_UNFORCED);
        if (isOwedGone(state)) {
            findOwedGone(moves, state);
        } else {
            read(moves, state, limit(state), new Doing.OnGuard(), isForcing);
        }
    }

    private static void findOwedGone(Moves moves, State state) {
        moves.step(
                "holdfast: finds the WAL reset before it was read",
                state.with(state.holdfast().withContinuityLost()));
    }

    private static boolean isOwedGone(State state) {
        CapturedLog log = state.holdfast().log();
        return log.debt().isUnread()
                && log.debt().limit().generation() != state.index().end().generation();
    }

    boolean isNew(State state) {
        Place limit = limit(state);
        return limit.frame() > 0 && !limit.equals(state.holdfast().log().end());
    }

    /// Up to where frames are believed.
    private Place limit(State state) {
        Wal wal = state.wal();
        Place end = wal.index().end();
        boolean isPast =
                flaws.contains(Flaw.FRAMES_PAST_MAX_FRAME)
                        && wal.fileGeneration() == end.generation();
        return isPast ? new Place(end.generation(), wal.frames().size()) : end;
    }

    /// Appends the frames after the position to the log.
    void read(Moves moves, State state, HandOver handOver, Place oracle) {
        read(moves, state, oracle, new Doing.Reading(handOver), false);
    }

    private static void read(
            Moves moves, State state, Place oracle, Doing next, boolean isForcing) {
        Holdfast holdfast = state.holdfast();
        CapturedLog log = holdfast.log();
        Wal wal = state.wal();
        boolean isInside = log.end().generation() == oracle.generation() && log.end().frame() > 0;
        int from = isInside ? log.end().frame() : 0;
        if (wal.fileGeneration() != oracle.generation() || wal.frames().size() < oracle.frame()) {
            giveUp(moves, state, "the WAL is not what its index says");
        } else if (isInside && !wal.holds(log.end(), log.framesAtEnd())) {
            moves.step(
                    "holdfast: finds the tail of the WAL written anew",
                    state.with(holdfast.withContinuityLost()));
        } else {
            TxList frames = wal.frames().first(oracle.frame());
            TxList added = frames.last(Math.max(0, oracle.frame() - from));
            CapturedLog appended = log.appended(added, oracle);
            moves.step(
                    "holdfast: captures " + added,
                    state.with(holdfast.with(isForcing ? appended.cut() : appended).now(next)));
        }
    }

    private static void giveUp(Moves moves, State state, String why) {
        Holdfast holdfast = state.holdfast();
        moves.step(
                "holdfast: lets the younger pin go, as " + why,
                state.with(
                        holdfast.with(holdfast.pins().withoutYounger()).now(new Doing.Resting())));
    }

    void letGo(Moves moves, State state, Doing.Landing landing) {
        Holdfast holdfast = state.holdfast();
        boolean isTakeOverDone =
                holdfast.takeOver() == Holdfast.TakeOver.BEGUN
                        && landing.isAfterCheckpoint()
                        && landing.isOnSlotZero();
        boolean isReleased =
                holdfast.takeOver() == Holdfast.TakeOver.LANDED && !holdfast.hasWriteLock();
        Holdfast.TakeOver takeOver =
                isTakeOverDone
                        ? Holdfast.TakeOver.LANDED
                        : isReleased ? Holdfast.TakeOver.NONE : holdfast.takeOver();
        moves.step(
                "holdfast: lets go of the older pin",
                state.with(
                        holdfast.with(holdfast.pins().withoutOlder())
                                .believing(landing.isOnSlotZero())
                                .with(takeOver)
                                .now(new Doing.Resting())));
    }

    private static State now(State state, Doing doing) {
        return state.with(state.holdfast().now(doing));
    }
}
