package dev.holdfast.restore;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.OpenOutcome;
import dev.holdfast.storage.copies.CombinedStore;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/// Restores from several copies of an archive, each of which may be damaged: where one is, the
/// restore begins again with what another one has instead.
public final class CopiesRestorer {
    private final List<ObjectStore> stores;
    private final Function<ObjectStore, Restorer> restorers;
    private final List<Unusable> unusable;

    /// The `archive.json` of copies before the first that has one.
    private final List<CombinedStore.Taken> heads = new ArrayList<>();

    /// A copy that nothing can be read from.
    public record Unusable(String location, String because) {}

    /// What was restored, and where it was read.
    ///
    /// @param taken what was not read from the first copy that can be used, and why
    public record Result(
            RestoreOutcome outcome, List<CombinedStore.Taken> taken, List<Unusable> unusable) {
        public Result {
            taken = List.copyOf(taken);
            unusable = List.copyOf(unusable);
        }
    }

    /// Of stores that could be opened.
    ///
    /// @param stores stay the caller's to close
    /// @param unusable what is known not to be usable already
    /// @param restorers makes one that restores from a store
    public CopiesRestorer(
            List<ObjectStore> stores,
            List<Unusable> unusable,
            Function<ObjectStore, Restorer> restorers) {
        this.stores = List.copyOf(stores);
        this.unusable = new ArrayList<>(unusable);
        this.restorers = restorers;
    }

    /// Does it, or says why not.
    ///
    /// @throws SidecarException as [Restorer#restore], once no copy is left that would do
    public Result restore(RestoreRequest request) {
        if (stores.size() == 1) {
            RestoreOutcome outcome = restorers.apply(stores.getFirst()).restore(request);
            return new Result(outcome, List.of(), unusable);
        }
        try {
            CombinedStore combined = CombinedStore.of(copies());
            RestoreOutcome outcome = restore(combined, request);
            return new Result(outcome, taken(combined, outcome), unusable);
        } catch (IOException e) {
            throw new SidecarException.StorageUnavailable(
                    "can't read from all of the copies: " + IoReason.of(e),
                    "Check that the stores can be reached and read, then try again.",
                    e);
        }
    }

    private List<CombinedStore.Taken> taken(CombinedStore combined, RestoreOutcome outcome) {
        List<CombinedStore.Taken> objects =
                switch (outcome) {
                    case RestoreOutcome.Restored restored ->
                            combined.takenWith(restored.plan().snapshotObject());
                    case RestoreOutcome.Planned(RestorePlan plan) ->
                            combined.takenWith(plan.snapshotObject());
                    case RestoreOutcome.AlreadyThere _, RestoreOutcome.Stopped _ ->
                            combined.taken();
                };
        return Stream.concat(heads.stream(), objects.stream()).toList();
    }

    private RestoreOutcome restore(CombinedStore combined, RestoreRequest request)
            throws IOException {
        SidecarException.@Nullable CorruptArchive first = null;
        while (true) {
            try {
                return restorers.apply(combined).restore(request);
            } catch (SidecarException.CorruptArchive e) {
                first = first == null ? e : first;
                if (!(e.getCause() instanceof FormatException damage) || !combined.repair(damage)) {
                    throw e;
                }
            } catch (SidecarException.NoSuchPoint e) {
                throw first == null ? e : first; // all that leads there was left out as damaged
            }
        }
    }

    private List<Archive> copies() throws IOException {
        List<Archive> whole = new ArrayList<>();
        List<ObjectStore> headless = new ArrayList<>();
        List<FormatException> before = new ArrayList<>();
        @Nullable SidecarException first = null;
        for (ObjectStore store : stores) {
            try {
                switch (Archive.open(store)) {
                    case OpenOutcome.Found(Archive archive) -> whole.add(archive);
                    case OpenOutcome.Absent() -> {
                        SidecarException none =
                                new SidecarException.NoSuchPoint(
                                        "there is no archive at " + store.location(),
                                        "Check the place.");
                        first = first == null ? none : first;
                        unusable.add(new Unusable(store.location(), "there is no archive"));
                    }
                }
            } catch (FormatException e) {
                headless.add(store);
                if (whole.isEmpty()) {
                    before.add(e);
                }
                first = first == null ? ArchiveReading.damaged(e) : first;
            } catch (SidecarException.StorageUnavailable | SidecarException.StorageDenied e) {
                first = first == null ? e : first;
                unusable.add(new Unusable(store.location(), String.valueOf(e.getMessage())));
            }
        }
        if (whole.isEmpty()) {
            throw first == null ? new IllegalStateException("no store") : first;
        }
        ArchiveInfo info = whole.getFirst().info();
        for (Archive copy : whole) {
            ArchiveReading.checkCopies(whole.getFirst(), copy);
        }
        List<String> from = List.of(whole.getFirst().store().location());
        before.stream()
                .map(e -> new CombinedStore.Taken(e.object(), from, String.valueOf(e.getMessage())))
                .forEach(heads::add);
        headless.forEach(store -> whole.add(Archive.of(store, info)));
        return whole;
    }
}
