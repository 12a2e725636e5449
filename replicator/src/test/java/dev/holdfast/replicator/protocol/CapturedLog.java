package dev.holdfast.replicator.protocol;

/// What Holdfast says has happened since the last rebase, with all before it.
///
/// @param forced how many transactions of it would survive a kill
/// @param end the place in the WAL where it ends; the checksum there is that of its last frames
/// @param forcedEnd the same at the last cut
/// @param debt what the WAL held, unread, when following went on
/// @param isKnown false if continuity was given up: then only a rebase can follow
record CapturedLog(
        TxList claimed, int forced, Place end, Place forcedEnd, Debt debt, boolean isKnown) {
    static final CapturedLog UNKNOWN =
            new CapturedLog(TxList.EMPTY, 0, Place.NOWHERE, Place.NOWHERE, Debt.NONE, false);

    /// The pin under which following goes on may be on slot 0 while commits are still unread, and
    /// so let a reset pass: then it must be noticed that they are gone.
    ///
    /// @param limit up to where must be read; [Place#NOWHERE] once it has been
    /// @param isOpen until what was read is forced
    record Debt(Place limit, boolean isOpen) {
        static final Debt NONE = new Debt(Place.NOWHERE, false);

        boolean isUnread() {
            return !limit.equals(Place.NOWHERE);
        }

        Debt afterReading(Place end) {
            boolean isRead = limit.generation() == end.generation() && end.frame() >= limit.frame();
            return isRead ? new Debt(Place.NOWHERE, isOpen) : this;
        }

        Debt afterCut() {
            return isUnread() ? this : NONE;
        }
    }

    static CapturedLog rebased(TxList state, Place end) {
        return new CapturedLog(state, state.size(), end, end, Debt.NONE, true);
    }

    boolean isForced() {
        return forced == claimed.size();
    }

    CapturedLog cut() {
        return new CapturedLog(claimed, claimed.size(), end, end, debt.afterCut(), isKnown);
    }

    CapturedLog appended(TxList frames, Place newEnd) {
        return new CapturedLog(
                claimed.union(frames),
                forced,
                newEnd,
                forcedEnd,
                debt.afterReading(newEnd),
                isKnown);
    }

    CapturedLog at(Place newEnd) {
        return new CapturedLog(claimed, forced, newEnd, newEnd, Debt.NONE, isKnown);
    }

    CapturedLog owing(Place limit) {
        boolean isNothing = limit.frame() == 0 || limit.equals(end);
        Debt owed = isNothing ? Debt.NONE : new Debt(limit, true);
        return new CapturedLog(claimed, forced, end, forcedEnd, owed, isKnown);
    }

    CapturedLog afterKill() {
        return new CapturedLog(
                claimed.first(forced), forced, forcedEnd, forcedEnd, Debt.NONE, isKnown);
    }

    /// The frames of the generation up to [#end], which are what its checksum is over.
    TxList framesAtEnd() {
        return claimed.last(Math.min(end.frame(), claimed.size()));
    }

    @Override
    public String toString() {
        return isKnown
                ? "log %s forced=%d at %s%s"
                        .formatted(
                                claimed,
                                forced,
                                end,
                                debt.isUnread() ? " owes " + debt.limit() : "")
                : "no log that can go on";
    }
}
