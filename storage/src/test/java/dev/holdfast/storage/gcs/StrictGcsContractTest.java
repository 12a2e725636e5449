package dev.holdfast.storage.gcs;

import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectStoreContract;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/// What every store does, asked of a server that keeps to Google's documentation.
final class StrictGcsContractTest extends ObjectStoreContract {
    private static final AtomicInteger PLACES = new AtomicInteger();

    private static StrictGcs server;

    private final String prefix = "place/" + PLACES.incrementAndGet();

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
        return GcsStores.open(server.endpoint(), "some-bucket", prefix);
    }
}
