package dev.holdfast.storage;

import java.util.EnumMap;
import java.util.Map;
import java.util.Random;

/// The contract holds behind retries, whatever the store does.
final class FaultyMemoryTest extends ObjectStoreContract {
    private static final long SEED = Long.getLong("seed", 20_260_101L);

    private final InMemoryObjectStore place = new InMemoryObjectStore();
    private int opened;

    /// Frequent, but a listing must be current for the contract's own questions.
    static Map<Fault, Double> chances() {
        Map<Fault, Double> chances = new EnumMap<>(FaultyObjectStore.chances(0.1));
        chances.remove(Fault.STALE_LIST);
        return chances;
    }

    @Override
    protected ObjectStore open() {
        ManualClock clock = new ManualClock();
        ObjectStore faulty =
                new FaultyObjectStore(place.another(), SEED + opened++, chances(), clock::pass);
        return new RetryingObjectStore(faulty, RetryPolicy.DEFAULT, clock, new Random(SEED));
    }

    @Override
    protected boolean answersMayBeLost() {
        return true;
    }
}
