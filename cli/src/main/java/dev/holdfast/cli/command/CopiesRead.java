package dev.holdfast.cli.command;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.restore.CopiesRestorer;
import dev.holdfast.storage.ObjectStore;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// The copies of an archive that are read together. If there are several, one that can't be opened
/// is left out.
record CopiesRead(List<ObjectStore> stores, List<CopiesRestorer.Unusable> unusable)
        implements AutoCloseable {
    /// @param stop ends the waiting, for an answer and between two tries
    static CopiesRead open(List<String> locations, CountDownLatch stop) {
        locations.forEach(Stores::parse); // what is no location is a mistake, whatever the others
        List<ObjectStore> stores = new ArrayList<>();
        List<CopiesRestorer.Unusable> unusable = new ArrayList<>();
        List<SidecarException> failures = new ArrayList<>();
        for (String location : locations) {
            try {
                stores.add(Stores.openForReading(location, stop));
            } catch (SidecarException.StorageUnavailable
                    | SidecarException.StorageDenied
                    | SidecarException.NoSuchPoint e) {
                failures.add(e);
                unusable.add(new CopiesRestorer.Unusable(location, String.valueOf(e.getMessage())));
            }
        }
        if (stores.isEmpty()) {
            throw failures.getFirst();
        }
        return new CopiesRead(List.copyOf(stores), List.copyOf(unusable));
    }

    @Override
    public void close() {
        stores.forEach(ObjectStore::close);
    }
}
