package dev.holdfast.tests.soak;

/// What rounds have gone through.
///
/// @param restored transactions that were restored and found right
/// @param rebases where something could have been missed, and history began anew
/// @param unrestorable transactions before the first snapshot of their history
record Tally(int rounds, int restored, int rebases, int unrestorable) {
    static final Tally NONE = new Tally(0, 0, 0, 0);

    Tally plus(Tally other) {
        return new Tally(
                rounds + other.rounds,
                restored + other.restored,
                rebases + other.rebases,
                unrestorable + other.unrestorable);
    }

    @Override
    public String toString() {
        return "%d rounds, %d transactions restored, %d rebases, %d before a first snapshot"
                .formatted(rounds, restored, rebases, unrestorable);
    }
}
