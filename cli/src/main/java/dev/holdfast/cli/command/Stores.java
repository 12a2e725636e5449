package dev.holdfast.cli.command;

import dev.holdfast.cli.argument.Spelling;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.replicator.EarlyRefusal;
import dev.holdfast.storage.DeferredObjectStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.RetryPolicy;
import dev.holdfast.storage.RetryingObjectStore;
import dev.holdfast.storage.StoppableClock;
import dev.holdfast.storage.StoreLocation;
import dev.holdfast.storage.StoreProbe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;

/// Stores that try again by themselves, from what is written on the command line.
final class Stores {
    /// For one who tries again on its own for as long as it lasts and must soon say that it has to,
    /// or who would rather soon know that the store does not answer.
    private static final RetryPolicy SHORT =
            new RetryPolicy(Duration.ofMillis(50), Duration.ofSeconds(1), Duration.ofSeconds(5));

    private Stores() {}

    /// @param stop ends the waiting, for an answer and between two tries
    static ObjectStore openForReading(String location, CountDownLatch stop) {
        return retrying(
                parse(location).openForReading(stop), RetryPolicy.DEFAULT, StoppableClock.of(stop));
    }

    /// To look once, and not for long.
    static ObjectStore openForAsking(String location) {
        CountDownLatch stop = new CountDownLatch(1);
        return retrying(parse(location).openForReading(stop), SHORT, StoppableClock.of(stop));
    }

    /// When it is first used: until then it may be away. Makes what is not there yet, and asks a
    /// store whose conditions nobody here knows whether it keeps them, before anything is written.
    ///
    /// @param stop ends the waiting, for an answer and between two tries
    static ObjectStore openForWriting(StoreLocation place, CountDownLatch stop) {
        return openForWriting(place, stop, StoppableClock.of(stop));
    }

    static ObjectStore openForWriting(
            StoreLocation place, CountDownLatch stop, StoppableClock clock) {
        return deferred(
                place,
                stop,
                EarlyRefusal::checkArchive,
                store -> retrying(store, RetryPolicy.DEFAULT, clock));
    }

    /// As [#openForWriting(StoreLocation, CountDownLatch)], of what may have lost its
    /// `archive.json`.
    ///
    /// @param look says whether what is there may be written to; throws if not
    static ObjectStore openForHealing(StoreLocation place, CountDownLatch stop, Look look) {
        StoppableClock clock = StoppableClock.of(stop);
        return deferred(place, stop, look, store -> retrying(store, RetryPolicy.DEFAULT, clock));
    }

    /// At a store, before anything is made in it.
    interface Look {
        void at(ObjectStore store) throws IOException;
    }

    /// As [#openForWriting(StoreLocation, CountDownLatch)], for one who tries again on its own.
    static ObjectStore openForShipping(StoreLocation place, CountDownLatch stop) {
        return openForShipping(place, stop, StoppableClock.of(stop));
    }

    static ObjectStore openForShipping(
            StoreLocation place, CountDownLatch stop, StoppableClock clock) {
        return deferred(
                place, stop, EarlyRefusal::checkArchive, store -> retrying(store, SHORT, clock));
    }

    private static ObjectStore deferred(
            StoreLocation place,
            CountDownLatch stop,
            Look look,
            UnaryOperator<ObjectStore> retrying) {
        return new DeferredObjectStore(place.toString(), () -> opened(place, stop, look, retrying));
    }

    private static ObjectStore opened(
            StoreLocation place,
            CountDownLatch stop,
            Look look,
            UnaryOperator<ObjectStore> retrying) {
        return switch (place) {
            case StoreLocation.Folder folder -> {
                refuseForeign(folder, look);
                // Hard links are the file system's own condition
                yield retrying.apply(folder.openForWriting(stop));
            }
            case StoreLocation.Bucket _, StoreLocation.GoogleBucket _ ->
                    proven(retrying.apply(place.openForWriting(stop)), look);
        };
    }

    private static void refuseForeign(StoreLocation.Folder folder, Look look) {
        if (Files.isDirectory(folder.root())) {
            try (ObjectStore store = folder.openForReading()) {
                look.at(store);
            } catch (IOException _) {
                // Whoever writes to it will say so
            }
        }
    }

    /// Once a process: the answer is kept by keeping the store.
    private static ObjectStore proven(ObjectStore store, Look look) {
        try {
            look.at(store);
            SecureRandom random = new SecureRandom();
            new StoreProbe(store, new WriterId(random.nextLong()), random).check();
            return store;
        } catch (SidecarException e) {
            store.close();
            throw e;
        } catch (IOException e) {
            store.close();
            throw new SidecarException.StorageUnavailable(
                    "can't ask "
                            + store.location()
                            + " whether it keeps conditions: "
                            + IoReason.of(e),
                    "Check that the store can be reached, then try again.",
                    e);
        }
    }

    /// Throws for what is no location.
    static StoreLocation parse(String location) {
        StoreLocation parsed = StoreLocation.parse(location);
        if (parsed instanceof StoreLocation.Folder(Path root)) {
            Spelling.checkPlace(root);
        }
        return parsed;
    }

    private static ObjectStore retrying(
            ObjectStore store, RetryPolicy policy, StoppableClock clock) {
        return new RetryingObjectStore(store, policy, clock, new Random());
    }
}
