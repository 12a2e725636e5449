package dev.holdfast.replicator.protocol;

/// One way to break the protocol on purpose, the bounds within which that shows, and what it leads
/// to.
enum Flaw {
    /// The older pin ends before the younger one begins.
    LET_GO_BEFORE_TAKE(2, 0, 0, Broken.RESET),
    /// What was read is not forced before a pin may land on slot 0.
    NO_CUT_BEFORE_SLOT_ZERO(2, 0, 0, Broken.RESET),
    /// Frames after maxFrame are captured, if only they are whole.
    FRAMES_PAST_MAX_FRAME(2, 0, 0, Broken.INVENTED),
    /// Our own checkpoint runs while nothing is pinned.
    CHECKPOINT_UNPINNED(2, 0, 0, Broken.RESET),
    /// Step 6: a pin is not renewed while there is nothing new.
    NO_RENEWAL(2, 0, 0, Broken.WAITS),
    /// Step 7: under the write lock, hand over without reading, for nothing new can come.
    TAKE_OVER_UNREAD(2, 0, 0, Broken.RESET),
    /// Step 7: the write lock ends with the checkpoint, before the hand-over that was to land.
    TAKE_OVER_RELEASED_EARLY(2, 0, 0, Broken.TAKE_OVER),
    /// A waiting checkpointer is never let through on purpose.
    NEVER_ASIDE(2, 0, 0, Broken.WAITS),
    /// The pin is let go with no guard in its stead, as if there were one.
    GUARD_MISSING(2, 0, 0, Broken.RESET),
    /// The guard goes when the pin is back, before everything was read.
    GUARD_GONE_EARLY(3, 0, 0, Broken.RESET),
    /// What was read on guard is not forced before the pin lands on slot 0.
    LANDS_UNFORCED(2, 0, 0, Broken.RESET),
    /// Whether something was committed since is not looked at before the guard goes.
    LANDS_UNCHECKED(3, 0, 0, Broken.RESET),
    /// After stepping aside nothing is proven.
    ASIDE_WITHOUT_PROOF(3, 0, 0, Broken.RESET),
    /// After stepping aside an unchanged change counter alone is the proof, though a recovery
    /// begins it anew.
    ASIDE_BELIEVES_COUNTER(Bounds.Setting.ASIDE, 3, 1, Broken.LOST),
    /// After stepping aside a reset that comes before the first hand-over goes unnoticed.
    RESET_AFTER_ASIDE_UNSEEN(2, 0, 0, Broken.RESET),
    /// After a start by position a reset that comes before the first hand-over goes unnoticed: the
    /// first pin may be on slot 0.
    RESET_AFTER_START_UNSEEN(2, 0, 1, Broken.RESET),
    /// At a start a frame in the position's place is believed, whatever its checksum.
    POSITION_WITHOUT_CHECKSUM(3, 1, 0, Broken.INVENTED);

    private final Bounds.Setting setting;
    private final int transactions;
    private final int faults;
    private final int kills;
    private final Broken broken;

    Flaw(int transactions, int faults, int kills, Broken broken) {
        this.setting = Bounds.Setting.NEW;
        this.transactions = transactions;
        this.faults = faults;
        this.kills = kills;
        this.broken = broken;
    }

    Flaw(Bounds.Setting setting, int transactions, int faults, Broken broken) {
        this.setting = setting;
        this.transactions = transactions;
        this.faults = faults;
        this.kills = 0;
        this.broken = broken;
    }

    Bounds bounds() {
        return new Bounds(setting, transactions, faults, kills);
    }

    Broken broken() {
        return broken;
    }
}
