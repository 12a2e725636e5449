package dev.holdfast.storage;

import static dev.holdfast.storage.StoreRequests.ascii;
import static dev.holdfast.storage.StoreRequests.body;
import static dev.holdfast.storage.StoreRequests.names;
import static dev.holdfast.storage.StoreRequests.readAll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;

final class FaultyObjectStoreTest {
    private final InMemoryObjectStore place = new InMemoryObjectStore();
    private final ManualClock clock = new ManualClock();

    @Test
    void theSameSeedDoesTheSameInThreadsToo() throws Exception {
        assertThat(faultsOfARun(1)).isEqualTo(faultsOfARun(1)).isNotEmpty();
        assertThat(faultsOfARun(1)).isNotEqualTo(faultsOfARun(2));
    }

    private Set<FaultyObjectStore.Injected> faultsOfARun(long seed) throws Exception {
        FaultyObjectStore store = new FaultyObjectStore(new InMemoryObjectStore(), seed);
        List<Callable<Integer>> racers = new ArrayList<>();
        for (int racer = 0; racer < 4; racer++) {
            String prefix = racer + "/";
            racers.add(() -> failures(store, prefix));
        }
        assertThat(StoreRequests.race(racers)).hasSize(4);
        return new HashSet<>(store.injected());
    }

    private static int failures(ObjectStore store, String prefix) {
        int failures = 0;
        for (int i = 0; i < 200; i++) {
            try {
                CreateOutcome _ = store.create(prefix + i % 150, body(ascii("1234567")));
            } catch (IOException _) {
                failures++;
            }
        }
        return failures;
    }

    @Test
    void beforeItsEffectARequestDoesNothing() throws IOException {
        FaultyObjectStore store = certain(Fault.BEFORE_EFFECT);
        assertThatThrownBy(() -> store.create("a", body(ascii("1"))))
                .isInstanceOf(IOException.class);
        assertThat(names(place, "")).isEmpty();
    }

    @Test
    void afterItsEffectARequestHasDoneAll() throws IOException {
        FaultyObjectStore store = certain(Fault.AFTER_EFFECT);
        assertThatThrownBy(() -> store.create("a", body(ascii("1"))))
                .isInstanceOf(IOException.class);
        assertThat(readAll(place, "a")).isEqualTo(ascii("1"));
        assertThatThrownBy(() -> store.delete("a")).isInstanceOf(IOException.class);
        assertThat(names(place, "")).isEmpty();
        try (ObjectUpload upload = store.upload("b")) {
            upload.write(ByteBuffer.wrap(ascii("2")));
            assertThatThrownBy(upload::commit).isInstanceOf(IOException.class);
        }
        assertThat(readAll(place, "b")).isEqualTo(ascii("2"));
    }

    @Test
    void ofATornBodyNothingIsSeen() throws IOException {
        FaultyObjectStore store = certain(Fault.TORN);
        assertThatThrownBy(() -> store.create("a", body(ascii("12345678"))))
                .isInstanceOf(IOException.class);
        try (ObjectUpload upload = store.upload("b")) {
            assertThatThrownBy(() -> upload.write(ByteBuffer.wrap(ascii("12345678"))))
                    .isInstanceOf(IOException.class);
        }
        assertThat(names(place, "")).isEmpty();
    }

    @Test
    void aShortReadIsAFailureAndNotAResult() throws IOException {
        CreateOutcome _ = place.create("a", body(ascii("12345678")));
        FaultyObjectStore store = certain(Fault.SHORT_READ);
        ByteBuffer into = ByteBuffer.allocate(8);
        assertThatThrownBy(() -> store.read("a", 0, into)).isInstanceOf(IOException.class);
        assertThat(into.hasRemaining()).isTrue();
    }

    @Test
    void aSlowRequestTakesTimeAndSucceeds() throws IOException {
        FaultyObjectStore store = certain(Fault.SLOW);
        assertThat(store.create("a", body(ascii("1")))).isInstanceOf(CreateOutcome.Created.class);
        assertThat(Duration.ofNanos(clock.nanoTime())).isPositive();
    }

    @Test
    void aStaleListingMissesTheNewestAndRecovers() throws IOException {
        Set<Integer> sizes = new HashSet<>();
        for (int seed = 0; seed < 20; seed++) {
            InMemoryObjectStore fresh = new InMemoryObjectStore();
            FaultyObjectStore store =
                    new FaultyObjectStore(fresh, seed, Map.of(Fault.STALE_LIST, 0.3), clock::pass);
            for (int i = 0; i < 9; i++) {
                CreateOutcome _ = store.create("log/" + i, body(ascii("1")));
            }
            List<String> all = names(fresh, "");
            for (int i = 0; i < 20; i++) {
                List<String> seen = names(store, "log/", null, 2);
                assertThat(all.subList(0, 9 - 3)).isSubsetOf(seen);
                assertThat(all).containsAll(seen);
                List<String> page =
                        store.list("log/", "log/6", 10).entries().stream()
                                .map(ListPage.Entry::name)
                                .toList();
                assertThat(all.subList(7, 7 + page.size())).isEqualTo(page);
                sizes.add(page.size());
            }
        }
        assertThat(sizes).contains(0, 1, 2);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void everyFaultIsRecorded(Fault fault) throws IOException {
        CreateOutcome _ = place.create("a", body(ascii("12345678")));
        FaultyObjectStore store = certain(fault);
        for (Callable<Object> request :
                List.<Callable<Object>>of(
                        () -> store.create("b", body(ascii("1"))),
                        () -> store.read("a", 0, ByteBuffer.allocate(4)),
                        () -> store.list("", null, 10))) {
            try {
                assertThat(request.call()).isNotNull();
            } catch (Exception e) {
                assertThat(e).isInstanceOf(IOException.class).hasMessageContaining("injected");
            }
        }
        assertThat(store.injected()).extracting(FaultyObjectStore.Injected::fault).contains(fault);
    }

    private FaultyObjectStore certain(Fault fault) {
        return new FaultyObjectStore(place, 9, Map.of(fault, 1.0), clock::pass);
    }
}
