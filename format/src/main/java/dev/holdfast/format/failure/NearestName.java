package dev.holdfast.format.failure;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// The known name that somebody meant who wrote another, for a remedy.
public final class NearestName {
    private NearestName() {}

    /// Empty if none is near. A name of two letters is near to everything, and never meant.
    public static Optional<String> of(String found, Collection<String> known) {
        return known.stream()
                .filter(name -> name.length() > 2)
                .filter(name -> changes(found, name) <= Math.max(2, name.length() / 3))
                .min(Comparator.comparingInt(name -> changes(found, name)));
    }

    /// How many letters must be put in, taken out or replaced to make one of the other
    /// (Levenshtein).
    private static int changes(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[other.length()];
    }
}
