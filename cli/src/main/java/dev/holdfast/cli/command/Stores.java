package dev.holdfast.cli.command;

import dev.holdfast.cli.argument.Spelling;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.RetryPolicy;
import dev.holdfast.storage.RetryingObjectStore;
import dev.holdfast.storage.StoppableClock;
import dev.holdfast.storage.StoreLocation;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;

/// Stores that try again by themselves, from what is written on the command line.
final class Stores {
    private static final RetryPolicy SHORT =
            new RetryPolicy(Duration.ofMillis(50), Duration.ofSeconds(1), Duration.ofSeconds(5));

    private Stores() {}

    /// @param stop ends the waiting between two tries
    static ObjectStore openForReading(String location, CountDownLatch stop) {
        return retrying(parse(location).openForReading(), RetryPolicy.DEFAULT, stop);
    }

    /// Makes what is not there yet. For one who tries again on its own for as long as it lasts, and
    /// must soon say that it has to.
    ///
    /// @param stop ends the waiting between two tries
    static ObjectStore openForWriting(String location, CountDownLatch stop) {
        return retrying(parse(location).openForWriting(), SHORT, stop);
    }

    private static StoreLocation parse(String location) {
        StoreLocation parsed = StoreLocation.parse(location);
        if (parsed instanceof StoreLocation.Folder(Path root)) {
            Spelling.checkPlace(root);
        }
        return parsed;
    }

    private static ObjectStore retrying(
            ObjectStore store, RetryPolicy policy, CountDownLatch stop) {
        return new RetryingObjectStore(store, policy, StoppableClock.of(stop), new Random());
    }
}
