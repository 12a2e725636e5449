package dev.holdfast.storage;

import static dev.holdfast.storage.StoreRequests.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.SidecarException.StorageDenied;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;

final class StoreProbeTest {
    private static final WriterId WRITER = new WriterId(0xabcL);

    private final InMemoryObjectStore place = new InMemoryObjectStore();

    @Test
    void aStoreThatRefusesTheSecondPassesAndIsLeftAsItWas() throws IOException {
        probe(place);
        assertThat(names(place, "")).isEmpty();
        assertThat(place.requests(InMemoryObjectStore.Request.CREATE)).isEqualTo(2);
    }

    @Test
    void aStoreThatOverwritesIsRefusedByName() {
        for (boolean saysSo : new boolean[] {true, false}) {
            assertThatThrownBy(() -> probe(new Overwriting(saysSo)))
                    .isInstanceOf(StorageDenied.class)
                    .hasMessageStartingWith("memory: overwrites objects: probe/0000000000000abc-");
        }
    }

    @Test
    void faultsDoNotMakeAGoodStoreLookBad() throws IOException {
        for (int seed = 0; seed < 200; seed++) {
            ManualClock clock = new ManualClock();
            FaultyObjectStore faulty =
                    new FaultyObjectStore(
                            place, seed, FaultyObjectStore.chances(0.15), clock::pass);
            probe(new RetryingObjectStore(faulty, RetryPolicy.DEFAULT, clock, new Random(seed)));
        }
    }

    private static void probe(ObjectStore store) throws IOException {
        new StoreProbe(store, WRITER, new Random(5)).check();
    }

    /// As a store that does not know the condition, or only pretends to.
    private final class Overwriting implements ObjectStore {
        private final boolean saysSo;

        Overwriting(boolean saysSo) {
            this.saysSo = saysSo;
        }

        @Override
        public CreateOutcome create(String name, ObjectBody body) throws IOException {
            boolean isNew = place.delete(name) instanceof DeleteOutcome.NotFound;
            CreateOutcome created = place.create(name, body);
            return isNew || saysSo ? created : new CreateOutcome.AlreadyExists();
        }

        @Override
        public ObjectUpload upload(String name) {
            return place.upload(name);
        }

        @Override
        public ReadOutcome read(String name, long offset, ByteBuffer into) {
            return place.read(name, offset, into);
        }

        @Override
        public ListPage list(String prefix, @Nullable String startAfter, int limit) {
            return place.list(prefix, startAfter, limit);
        }

        @Override
        public DeleteOutcome delete(String name) {
            return place.delete(name);
        }

        @Override
        public String location() {
            return place.location();
        }

        @Override
        public void close() {}
    }
}
