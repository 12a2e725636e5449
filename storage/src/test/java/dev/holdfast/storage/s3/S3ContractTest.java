package dev.holdfast.storage.s3;

import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectStoreContract;

import org.junit.jupiter.api.BeforeAll;

import java.util.concurrent.atomic.AtomicInteger;

/// What every store does, asked of a real server.
final class S3ContractTest extends ObjectStoreContract {
    private static final AtomicInteger PLACES = new AtomicInteger();

    private static TestBucket bucket;

    private final String prefix = "place/" + PLACES.incrementAndGet();

    @BeforeAll
    static void makeBucket() {
        bucket = TestBucket.make();
    }

    @Override
    protected ObjectStore open() {
        return bucket.open(prefix);
    }
}
