package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.replicator.FollowerEvent.Part;
import dev.holdfast.replicator.FollowerEvent.Troubled;
import dev.holdfast.storage.Fault;
import dev.holdfast.storage.FaultyObjectStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ManualClock;
import dev.holdfast.storage.RetryPolicy;
import dev.holdfast.storage.RetryingObjectStore;

import org.junit.jupiter.api.Test;

import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;

final class TroubleCauseTest {
    private static final Part STORE = new Part.Store("memory");

    @Test
    void anOutageHasOneCauseHoweverOftenItWasTried() {
        Set<String> words = new HashSet<>();
        Set<String> causes = new HashSet<>();
        for (int seed = 0; seed < 20; seed++) {
            Troubled told = Troubled.of(STORE, outage(seed));
            words.add(told.what());
            causes.add(told.cause());
        }
        assertThat(words).hasSizeGreaterThan(1);
        assertThat(causes).hasSize(1);
    }

    @Test
    void whatWantsSomethingElseDoneHasAnotherCause() {
        assertThat(cause(new SidecarException.StorageUnavailable("x", "Make room.")))
                .isNotEqualTo(cause(new SidecarException.StorageDenied("here", "x", "Allow it.")));
    }

    @Test
    void eachDamagedObjectIsACauseOfItsOwn() {
        assertThat(cause(new SidecarException.CorruptArchive("log/1 is cut", "Verify.")))
                .isNotEqualTo(
                        cause(new SidecarException.CorruptArchive("log/2 is cut", "Verify.")));
    }

    private static String cause(SidecarException failure) {
        return Troubled.of(STORE, failure).cause();
    }

    private static SidecarException outage(int seed) {
        ManualClock clock = new ManualClock();
        FaultyObjectStore away =
                new FaultyObjectStore(
                        new InMemoryObjectStore(),
                        seed,
                        Map.of(Fault.BEFORE_EFFECT, 1.0),
                        clock::pass);
        try (RetryingObjectStore store =
                new RetryingObjectStore(away, RetryPolicy.DEFAULT, clock, new Random(seed))) {
            return catchThrowableOfType(SidecarException.class, () -> store.delete("log/1"));
        }
    }
}
