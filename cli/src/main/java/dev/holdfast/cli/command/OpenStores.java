package dev.holdfast.cli.command;

import dev.holdfast.replicator.DestinationOptions;
import dev.holdfast.replicator.UploadBandwidth;
import dev.holdfast.replicator.UploadRate;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.StoreLocation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;

/// The stores that a database is shipped to. Each may be away.
///
/// @param stores of `places`, one for each
/// @param stop ends the waiting, for an answer and between two tries
record OpenStores(List<StoreLocation> places, List<ObjectStore> stores, CountDownLatch stop)
        implements AutoCloseable {
    /// @param stop ends the waiting, for an answer and between two tries
    static OpenStores of(List<StoreLocation> places, CountDownLatch stop) {
        List<ObjectStore> stores =
                places.stream().map(place -> Stores.openForShipping(place, stop)).toList();
        return new OpenStores(places, stores, stop);
    }

    List<DestinationOptions> destinations(
            Function<StoreLocation, UploadRate> uploads,
            Function<StoreLocation, UploadBandwidth> bandwidth) {
        List<DestinationOptions> destinations = new ArrayList<>();
        for (int i = 0; i < stores.size(); i++) {
            StoreLocation place = places.get(i);
            destinations.add(
                    new DestinationOptions(
                            stores.get(i),
                            uploads.apply(place),
                            bandwidth.apply(place),
                            perSegment(place)));
        }
        return destinations;
    }

    private static Duration perSegment(StoreLocation place) {
        return switch (place) {
            case StoreLocation.Folder _ -> DestinationOptions.SEGMENT_OF_FOLDER;
            case StoreLocation.Bucket _, StoreLocation.GoogleBucket _ ->
                    DestinationOptions.SEGMENT_OF_BUCKET;
        };
    }

    List<String> locations() {
        return stores.stream().map(ObjectStore::location).toList();
    }

    /// To each of them, by their kinds.
    Map<String, Map<String, Long>> requests() {
        Map<String, Map<String, Long>> requests = new LinkedHashMap<>();
        stores.forEach(store -> requests.put(store.location(), store.requests()));
        return requests;
    }

    @Override
    public void close() {
        stop.countDown(); // one of them may still be asked whether it is there
        stores.forEach(ObjectStore::close);
    }
}
