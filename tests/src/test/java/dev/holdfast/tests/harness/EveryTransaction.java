package dev.holdfast.tests.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.restore.history.History;
import dev.holdfast.restore.history.HistoryEntry;
import dev.holdfast.restore.history.HistoryQuery;
import dev.holdfast.storage.FileObjectStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.seal.Identity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The promise itself: each transaction of an archive, restored, is page for page what the writer's
/// own connection saw right after that commit, and none is missing.
public final class EveryTransaction {
    private final Scratch.Opening opening;
    private final Runnable verify;
    private final Scratch scratch;
    private final List<Identity> identities;

    /// @param folder in which to restore, one file a time
    public EveryTransaction(Path archive, Path folder) {
        this(archive, folder, List.of());
    }

    /// The same for a reader of what is encrypted.
    public EveryTransaction(Path archive, Path folder, List<Identity> identities) {
        this(
                () -> FileObjectStore.openForReading(archive),
                () -> Holdfast.assertGood(archive),
                folder,
                identities);
    }

    /// With an archive anywhere.
    ///
    /// @param verify throws if `verify` does not find it good
    public EveryTransaction(
            Scratch.Opening opening, Runnable verify, Path folder, List<Identity> identities) {
        this.opening = opening;
        this.verify = verify;
        this.identities = List.copyOf(identities);
        this.scratch = new Scratch(opening, folder, identities);
    }

    /// Checks the transactions from the archive's last beginning of history on. The newest one is
    /// the last of `states`, the one before it the one before, and so on: one missing or one too
    /// many shows at the first difference.
    ///
    /// @return how many were restored
    public int equals(List<LoggedState> states) {
        return equals(states, 1);
    }

    /// As [#equals(List)], restoring the newest, each `stride`-th one before it, and the first.
    public int equals(List<LoggedState> states, int stride) {
        List<HistoryEntry> history = history();
        long newest = tx(history.getLast());
        int restored = 0;
        for (int i = history.size() - 1; i >= 0; i--) {
            HistoryEntry entry = history.get(i);
            long back = newest - tx(entry);
            int index = (int) (states.size() - 1 - back);
            if (index < 0) {
                // The base is what was found at the start: before the writer's first commit
                assertThat(entry).isInstanceOf(HistoryEntry.Base.class);
                assertThat(index).as("the base is at most one before the log").isEqualTo(-1);
                continue;
            }
            if (back % stride == 0 || i == 0) {
                check(entry, states.get(index));
                restored++;
            }
        }
        return restored;
    }

    /// As [#equals(List)], and `verify` must find the archive good.
    ///
    /// @param least how many must have been restored
    public void assertHolds(List<LoggedState> states, int least) {
        assertHolds(states, 1, least);
    }

    /// As [#equals(List, int)], and `verify`, which looks at every state, must find the archive
    /// good.
    ///
    /// @param least how many must have been restored
    public void assertHolds(List<LoggedState> states, int stride, int least) {
        assertThat(equals(states, stride)).as("restored").isGreaterThanOrEqualTo(least);
        verify.run();
    }

    /// How many transactions the archive's last history has, its base included.
    public int count() {
        return history().size();
    }

    /// The transactions of the last history: a base and the commits after it.
    private List<HistoryEntry> history() {
        List<HistoryEntry> entries = new ArrayList<>();
        try (ObjectStore store = opening.open()) {
            History.read(
                    store,
                    identities,
                    HistoryQuery.ALL,
                    entry -> {
                        if (entry instanceof HistoryEntry.Base) {
                            entries.clear();
                        }
                        if (tx(entry) > 0) {
                            entries.add(entry);
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(entries).as("transactions").isNotEmpty();
        return entries;
    }

    private static long tx(HistoryEntry entry) {
        return switch (entry) {
            case HistoryEntry.Commit commit -> commit.tx();
            case HistoryEntry.Base base -> base.tx();
            case HistoryEntry.Claim _, HistoryEntry.Snapshot _ -> 0;
        };
    }

    private void check(HistoryEntry entry, LoggedState wanted) {
        long tx = tx(entry);
        Path restored = scratch.restore(tx);
        assertThat(DatabaseImage.of(restored))
                .as("pages of transaction %d, which should be commit %d", tx, wanted.n())
                .isEqualTo(wanted.image());
        scratch.remove(restored);
    }
}
