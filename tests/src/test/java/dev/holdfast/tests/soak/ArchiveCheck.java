package dev.holdfast.tests.soak;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.restore.history.History;
import dev.holdfast.restore.history.HistoryEntry;
import dev.holdfast.restore.history.HistoryQuery;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.tests.harness.Scratch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Holds the archive of a campaign against its [Ledger], round by round: each transaction that has
/// come since the last look is restored, whole in the eyes of SQLite, and one of the states that
/// the writers went through, in their order, none left out.
final class ArchiveCheck {
    private final Place place;
    private final Scratch scratch;
    private final Ledger ledger;
    private final int stride;
    private final Map<Long, Set<String>> restoredImages = new HashMap<>();
    private long checkedTx;

    /// The ledger's number at the last state that was restored, and how many were skipped since; -1
    /// where history has begun and nothing of it was restored yet.
    private long lastN = -1;

    private long baseTx;

    private int skipped;
    private long firstN;
    private int restored;
    private final List<String> needless = new ArrayList<>();
    private int rebases;
    private int unrestorable;

    /// @param stride each how many transactions one is restored: 1 for all
    ArchiveCheck(Place place, Path folder, Ledger ledger, int stride) {
        this.place = place;
        this.scratch = new Scratch(place::open, folder, List.of());
        this.ledger = ledger;
        this.stride = stride;
    }

    /// The newest state, as stock SQLite finds it; empty while a first snapshot is under way.
    Optional<RestoredState> newest() {
        try {
            return Optional.of(state(scratch.restoreNewest()));
        } catch (SidecarException.NoSuchPoint _) {
            return Optional.empty();
        }
    }

    /// That transaction, which somebody was told is durable.
    RestoredState durable(long tx) {
        return state(scratch.restore(tx));
    }

    private RestoredState state(Path database) {
        RestoredState state = RestoredState.of(database);
        scratch.remove(database);
        return state;
    }

    /// Checks what is new. The ledger must know all that the writers did.
    ///
    /// @param mayRebase whether something can have been missed, so that a new history is right
    /// @param troubles that the follower has told
    void check(boolean mayRebase, List<String> troubles) {
        for (HistoryEntry entry : history()) {
            switch (entry) {
                case HistoryEntry.Base base when base.tx() > checkedTx -> {
                    begin(base, mayRebase, troubles);
                    check(base.tx(), base.isRestorable());
                }
                case HistoryEntry.Commit commit when commit.tx() > checkedTx ->
                        check(commit.tx(), commit.isRestorable());
                case HistoryEntry.Base _,
                        HistoryEntry.Commit _,
                        HistoryEntry.Claim _,
                        HistoryEntry.Snapshot _ -> {}
            }
        }
        checkImages();
    }

    private void begin(HistoryEntry.Base base, boolean mayRebase, List<String> troubles) {
        if (base.isGap()) {
            rebases++;
            // A kill between a base and its page map: nothing was captured, or restorable, since
            boolean isLoss = lastN >= 0 || base.tx() != baseTx + 1;
            if (!mayRebase && isLoss && !troubles.isEmpty()) {
                needless.add("transaction " + base.tx() + ", after " + troubles);
            } else if (!mayRebase && isLoss) {
                throw new AssertionError(
                        "history begins anew at transaction %d (%s), and nothing can have been missed"
                                .formatted(base.tx(), base.reason()));
            }
        }
        lastN = -1;
        baseTx = base.tx();
        restoredImages.clear();
    }

    private void check(long tx, boolean isRestorable) {
        checkedTx = tx;
        if (!isRestorable) {
            unrestorable++;
            if (lastN >= 0) {
                throw new AssertionError(
                        "transaction " + tx + " can't be restored, and one before it can");
            }
            return;
        }
        if (lastN >= 0 && tx % stride != 0) {
            skipped++;
            return;
        }
        RestoredState state = state(scratch.restore(tx));
        restored++;
        ledger.check(state.tokens());
        if (lastN < 0) {
            firstN = state.n();
        } else if (state.n() < lastN || state.n() > lastN + 1 + skipped) {
            throw new AssertionError(
                    "transaction %d is commit %d, after commit %d with %d transactions in between"
                            .formatted(tx, state.n(), lastN, skipped));
        }
        lastN = state.n();
        skipped = 0;
        restoredImages.computeIfAbsent(state.n(), _ -> new HashSet<>()).add(state.image());
    }

    /// Every state that somebody saw since history began is a restore point.
    private void checkImages() {
        if (stride > 1 || lastN < 0) {
            return;
        }
        ledger.images(firstN, lastN)
                .forEach((n, seen) -> {
                    Set<String> found = restoredImages.getOrDefault(n, Set.of());
                    if (!found.containsAll(seen)) {
                        throw new AssertionError(
                                "a state of commit %d was seen and can't be restored: %s of %s"
                                        .formatted(n, seen, found));
                    }
                });
    }

    private List<HistoryEntry> history() {
        List<HistoryEntry> entries = new ArrayList<>();
        try (ObjectStore store = place.open()) {
            History.read(store, HistoryQuery.ALL, entries::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return entries;
    }

    /// What was checked until now.
    Tally tally(int rounds, boolean isSpoilt) {
        return new Tally(
                rounds, restored, rebases, unrestorable, isSpoilt ? 1 : 0, List.copyOf(needless));
    }
}
