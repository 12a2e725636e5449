package dev.holdfast.storage.gcs;

import dev.holdfast.storage.Fault;
import dev.holdfast.storage.FaultyObjectStore;
import dev.holdfast.storage.ManualClock;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectStoreContract;
import dev.holdfast.storage.RetryPolicy;
import dev.holdfast.storage.RetryingObjectStore;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/// The contract holds behind retries, whatever happens to the requests to the strict server.
final class FaultyStrictGcsTest extends ObjectStoreContract {
    private static final long SEED = Long.getLong("seed", 20_261_122L);
    private static final AtomicInteger PLACES = new AtomicInteger();

    private static StrictGcs server;

    private final String prefix = "place/" + PLACES.incrementAndGet();
    private int opened;

    @BeforeAll
    static void start() throws IOException {
        server = StrictGcs.start("some-bucket");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Override
    protected ObjectStore open() {
        Map<Fault, Double> chances = new EnumMap<>(FaultyObjectStore.chances(0.1));
        chances.remove(Fault.STALE_LIST); // the contract's own questions need a current one
        ManualClock clock = new ManualClock();
        ObjectStore faulty =
                new FaultyObjectStore(
                        GcsStores.open(server.endpoint(), "some-bucket", prefix),
                        SEED + opened++,
                        chances,
                        clock::pass);
        return new RetryingObjectStore(faulty, RetryPolicy.DEFAULT, clock, new Random(SEED));
    }

    @Override
    protected boolean answersMayBeLost() {
        return true;
    }
}
