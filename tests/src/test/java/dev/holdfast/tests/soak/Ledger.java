package dev.holdfast.tests.soak;

import dev.holdfast.tests.harness.Json;

import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/// What all writers of a campaign say of their database: the truth that an archive is held against.
final class Ledger {
    private final NavigableMap<Long, String> commits = new TreeMap<>();
    private final NavigableMap<Long, Set<String>> images = new TreeMap<>();
    private final Set<String> tried = new HashSet<>();
    private final Set<String> rolledBack = new HashSet<>();

    /// Adds a writer's whole log.
    void add(List<Json> log) {
        for (Json line : log) {
            if (line.has("commit")) {
                commits.put(line.number("commit"), line.text("token"));
            } else if (line.has("try")) {
                tried.add(line.text("try"));
            } else if (line.has("rollback")) {
                rolledBack.add(line.text("rollback"));
            } else if (line.has("seen")) {
                saw(line.number("seen"), line.text("image"));
            } else if (line.has("failed")) {
                throw new AssertionError("a writer was refused: " + line.text("failed"));
            }
        }
    }

    /// Somebody has seen this state.
    void saw(long n, String image) {
        images.computeIfAbsent(n, _ -> new HashSet<>()).add(image);
    }

    /// The last commit that a writer has logged; 0 if there is none.
    long last() {
        return commits.isEmpty() ? 0 : commits.lastKey();
    }

    /// States that were seen with numbers above `after`, up to `last`: number to images.
    NavigableMap<Long, Set<String>> images(long after, long last) {
        return images.subMap(after, false, last, true);
    }

    /// Holds the ledger in a restored database against the logs.
    ///
    /// @param rows token of each number, from 1 on
    void check(List<String> rows) {
        for (int i = 0; i < rows.size(); i++) {
            String token = rows.get(i);
            String logged = commits.get(i + 1L);
            if (logged != null && !logged.equals(token)) {
                throw new AssertionError(
                        "commit %d was logged as %s, and restored as %s"
                                .formatted(i + 1, logged, token));
            }
            if (rolledBack.contains(token) || !tried.contains(token)) {
                throw new AssertionError(
                        "commit %d, %s, was restored and never happened".formatted(i + 1, token));
            }
        }
    }
}
