package dev.holdfast.storage;

import static dev.holdfast.storage.StoreRequests.ascii;
import static dev.holdfast.storage.StoreRequests.body;
import static dev.holdfast.storage.StoreRequests.readAll;
import static dev.holdfast.storage.StoreRequests.readOutcome;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;

final class InMemoryObjectStoreTest extends ObjectStoreContract {
    private final InMemoryObjectStore place = new InMemoryObjectStore();

    @Override
    protected ObjectStore open() {
        return place.another();
    }

    @Test
    void requestsAreCountedByKindAndInstance() throws IOException {
        CreateOutcome _ = place.create("a", body(ascii("1")));
        CreateOutcome _ = place.create("a", body(ascii("2")));
        ReadOutcome _ = readOutcome(place, "a");
        ReadOutcome _ = readOutcome(place.another(), "a");
        assertThat(place.requests(InMemoryObjectStore.Request.CREATE)).isEqualTo(2);
        assertThat(place.requests(InMemoryObjectStore.Request.READ)).isEqualTo(1);
        assertThat(place.requests(InMemoryObjectStore.Request.LIST)).isZero();
    }

    @Test
    void whatIsRetainedStays() throws IOException {
        CreateOutcome _ = place.create("a", body(ascii("1")));
        place.retain("a", "until 2030");
        assertThat(place.delete("a")).isEqualTo(new DeleteOutcome.Retained("until 2030"));
        assertThat(readAll(place, "a")).isEqualTo(ascii("1"));
    }
}
