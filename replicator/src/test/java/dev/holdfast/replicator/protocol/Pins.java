package dev.holdfast.replicator.protocol;

/// The slots that our connections hold.
///
/// @param older the pin
/// @param younger the one that will be the pin
/// @param writing of the connection that has the write lock in a take-over
record Pins(int older, int younger, int writing) {
    /// No slot.
    static final int NONE = -1;

    static final Pins NOTHING = new Pins(NONE, NONE, NONE);

    boolean holds(int slot) {
        return older == slot || younger == slot || writing == slot;
    }

    Pins taken(int slot) {
        return new Pins(older, slot, writing);
    }

    /// The younger one is the pin.
    Pins withoutOlder() {
        return new Pins(younger, NONE, writing);
    }

    Pins withoutYounger() {
        return new Pins(older, NONE, writing);
    }

    /// The only one is let go.
    Pins unpinned() {
        return new Pins(NONE, younger, writing);
    }

    Pins withWriting(int slot) {
        return new Pins(older, younger, slot);
    }

    @Override
    public String toString() {
        return "pins " + text(older) + text(younger) + text(writing);
    }

    private static String text(int slot) {
        return slot == NONE ? "-" : String.valueOf(slot);
    }
}
