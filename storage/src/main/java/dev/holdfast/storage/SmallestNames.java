package dev.holdfast.storage;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// Keeps the first so many, in order, of names that come in any order: a folder may hold millions.
final class SmallestNames {
    private final int capacity;
    private final ArrayList<String> names = new ArrayList<>();
    private boolean isCut;

    /// Once some were dropped: the largest that still matters.
    private @Nullable String largest;

    SmallestNames(int capacity) {
        this.capacity = capacity;
    }

    void add(String name) {
        if (largest != null && name.compareTo(largest) > 0) {
            return;
        }
        names.add(name);
        if (names.size() == 2 * capacity) {
            cut();
        }
    }

    /// Whether there were more than fit.
    boolean isCut() {
        return isCut;
    }

    List<String> sorted() {
        if (names.size() > capacity) {
            cut();
        } else {
            names.sort(null);
        }
        return names;
    }

    private void cut() {
        names.sort(null);
        names.subList(capacity, names.size()).clear();
        largest = names.getLast();
        isCut = true;
    }
}
