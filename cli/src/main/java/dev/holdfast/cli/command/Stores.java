package dev.holdfast.cli.command;

import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.RetryPolicy;
import dev.holdfast.storage.RetryingObjectStore;
import dev.holdfast.storage.StoppableClock;
import dev.holdfast.storage.StoreLocation;

import java.util.Random;
import java.util.concurrent.CountDownLatch;

/// Stores that try again by themselves, from what is written on the command line.
final class Stores {
    private Stores() {}

    /// @param stop ends the waiting between two tries
    static ObjectStore openForReading(String location, CountDownLatch stop) {
        return retrying(StoreLocation.parse(location).openForReading(), stop);
    }

    /// Makes what is not there yet.
    ///
    /// @param stop ends the waiting between two tries
    static ObjectStore openForWriting(String location, CountDownLatch stop) {
        return retrying(StoreLocation.parse(location).openForWriting(), stop);
    }

    private static ObjectStore retrying(ObjectStore store, CountDownLatch stop) {
        return new RetryingObjectStore(
                store, RetryPolicy.DEFAULT, StoppableClock.of(stop), new Random());
    }
}
