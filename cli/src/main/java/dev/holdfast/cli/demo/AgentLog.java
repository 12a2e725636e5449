package dev.holdfast.cli.demo;

import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/// What the agent says that it committed, as it says it. Written by one thread, read by others.
final class AgentLog {
    private final ConcurrentNavigableMap<Long, Commit> commits = new ConcurrentSkipListMap<>();

    /// A commit by the agent's own words.
    ///
    /// @param micros when it had returned
    /// @param digest of all pages, as the agent's connection saw them
    record Commit(long turn, long micros, String digest) {}

    /// Takes a line of the log; others than commits are ignored.
    void take(String line) {
        String[] words = line.split(" ");
        if (words[0].equals("commit") && words.length == 4) {
            Commit commit =
                    new Commit(Long.parseLong(words[1]), Long.parseLong(words[2]), words[3]);
            commits.put(commit.turn(), commit);
        }
    }

    long count() {
        return commits.isEmpty() ? 0 : commits.lastKey();
    }

    Commit commit(long turn) {
        Commit commit = commits.get(turn);
        if (commit == null) {
            throw new IllegalStateException("the agent has not logged commit " + turn);
        }
        return commit;
    }
}
