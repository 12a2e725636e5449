package dev.holdfast.replicator.protocol;

/// The slots that our connections hold.
///
/// @param older the pin
/// @param younger the one that will be the pin
/// @param writing of the connection that has the write lock in a take-over
/// @param guard of no connection: shared in the pin's stead while it is let go
record Pins(int older, int younger, int writing, int guard) {
    /// No slot.
    static final int NONE = -1;

    static final Pins NOTHING = new Pins(NONE, NONE, NONE, NONE);

    boolean holds(int slot) {
        return older == slot || younger == slot || writing == slot || guard == slot;
    }

    Pins taken(int slot) {
        return new Pins(older, slot, writing, guard);
    }

    /// The younger one is the pin, and no guard is needed.
    Pins withoutOlder() {
        return new Pins(younger, NONE, writing, NONE);
    }

    Pins withoutYounger() {
        return new Pins(older, NONE, writing, guard);
    }

    /// The only one is let go.
    Pins unpinned() {
        return new Pins(NONE, younger, writing, guard);
    }

    Pins withWriting(int slot) {
        return new Pins(older, younger, slot, guard);
    }

    Pins withGuard(int slot) {
        return new Pins(older, younger, writing, slot);
    }

    @Override
    public String toString() {
        return "pins " + text(older) + text(younger) + text(writing) + text(guard);
    }

    private static String text(int slot) {
        return slot == NONE ? "-" : String.valueOf(slot);
    }
}
