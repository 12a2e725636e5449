package dev.holdfast.storage.gcs;

import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectStoreContract;

import org.junit.jupiter.api.BeforeAll;

import java.util.concurrent.atomic.AtomicInteger;

/// What every store does, asked of fake-gcs-server.
final class FakeGcsContractTest extends ObjectStoreContract {
    private static final AtomicInteger PLACES = new AtomicInteger();

    private static GcsServer server;
    private static String bucket;

    private final String prefix = "place/" + PLACES.incrementAndGet();

    @BeforeAll
    static void makeBucket() {
        server = GcsServer.shared();
        bucket = server.makeBucket();
    }

    @Override
    protected ObjectStore open() {
        return GcsStores.open(server.endpoint(), bucket, prefix);
    }
}
