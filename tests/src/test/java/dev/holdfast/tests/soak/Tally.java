package dev.holdfast.tests.soak;

import java.util.List;
import java.util.stream.Stream;

/// What rounds have gone through.
///
/// @param restored transactions that were restored and found right
/// @param rebases where something could have been missed, and history began anew
/// @param unrestorable transactions before the first snapshot of their history
/// @param spoilt campaigns that ended early, by a defect of SQLite: see [Spoilt]
/// @param needless what was told before history began anew where nothing can have been missed: no
///   promise is broken, but it should hardly ever be
record Tally(
        int rounds,
        int restored,
        int rebases,
        int unrestorable,
        int spoilt,
        List<String> needless) {
    static final Tally NONE = new Tally(0, 0, 0, 0, 0, List.of());

    Tally plus(Tally other) {
        return new Tally(
                rounds + other.rounds,
                restored + other.restored,
                rebases + other.rebases,
                unrestorable + other.unrestorable,
                spoilt + other.spoilt,
                Stream.concat(needless.stream(), other.needless.stream()).toList());
    }

    @Override
    public String toString() {
        return "%d rounds, %d transactions restored, %d rebases, %d before a first snapshot, %d spoilt, needless: %s"
                .formatted(rounds, restored, rebases, unrestorable, spoilt, needless);
    }
}
