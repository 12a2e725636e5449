package dev.holdfast.storage;

import static dev.holdfast.storage.StoreRequests.ascii;
import static dev.holdfast.storage.StoreRequests.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.SidecarException.StorageDenied;
import dev.holdfast.format.failure.SidecarException.StorageUnavailable;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;

final class RetryingObjectStoreTest {
    private static final RetryPolicy POLICY =
            new RetryPolicy(Duration.ofMillis(100), Duration.ofSeconds(2), Duration.ofSeconds(30));

    private final InMemoryObjectStore place = new InMemoryObjectStore();
    private final ManualClock clock = new ManualClock();

    @Test
    void aFailureThatPassesIsNotSeen() {
        RetryingObjectStore store = retrying(new Failing(3, new IOException("reset by peer")));
        assertThat(store.create("a", body(ascii("1")))).isInstanceOf(CreateOutcome.Created.class);
        assertThat(clock.sleeps()).hasSize(3);
    }

    @Test
    void pausesGrowUpToTheirBoundAndTheLastEndsAtTheDeadline() {
        RetryingObjectStore store =
                retrying(new Failing(Integer.MAX_VALUE, new IOException("reset by peer")));
        assertThatThrownBy(() -> store.create("a", body(ascii("1"))))
                .isInstanceOf(StorageUnavailable.class);
        long bound = 100;
        for (Duration pause : clock.sleeps()) {
            assertThat(pause).isBetween(Duration.ZERO, Duration.ofMillis(bound));
            bound = Math.min(2 * bound, 2_000);
        }
        assertThat(clock.sleeps().stream().reduce(Duration.ZERO, Duration::plus))
                .isEqualTo(POLICY.deadline());
        assertThat(clock.nanoTime()).isEqualTo(POLICY.deadline().toNanos());
    }

    @Test
    void whoAsksForFewerRequestsGetsMuchFewerAndNotForEver() {
        IOException reason = new StoreException.Throttled("SlowDown", "Wait.", null);
        RetryingObjectStore store = retrying(new Failing(Integer.MAX_VALUE, reason));
        assertThatThrownBy(() -> store.create("a", body(ascii("1"))))
                .isInstanceOfSatisfying(
                        StorageUnavailable.class, e -> assertThat(e.remedy()).isEqualTo("Wait."));
        assertThrottledPauses(Duration.ofMillis(800));
        assertThat(clock.nanoTime()).isEqualTo(POLICY.deadline().toNanos());
    }

    @Test
    void anUploadIsTriedAgainEveryHalfMinuteAtMostWhereFewerRequestsAreAskedFor() {
        RetryPolicy hasty =
                new RetryPolicy(
                        Duration.ofMillis(50), Duration.ofSeconds(1), Duration.ofSeconds(5));
        try (ObjectUpload upload = retrying(new Throttling(), hasty).upload("a")) {
            assertThatThrownBy(() -> upload.write(ByteBuffer.allocate(10)))
                    .isInstanceOf(StorageUnavailable.class);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        assertThrottledPauses(Duration.ofMillis(400));
        assertThat(clock.sleeps())
                .hasSizeLessThan(70)
                .anyMatch(pause -> pause.compareTo(Duration.ofSeconds(25)) > 0);
        assertThat(clock.nanoTime()).isEqualTo(Duration.ofMinutes(15).toNanos());
    }

    /// They double up to half a minute, and no more than half of each is left to chance.
    private void assertThrottledPauses(Duration shortest) {
        Duration half = shortest;
        List<Duration> pauses = clock.sleeps();
        for (Duration pause : pauses.subList(0, pauses.size() - 1)) {
            assertThat(pause).isBetween(half, half.multipliedBy(2));
            Duration doubled = half.multipliedBy(2);
            half = doubled.toSeconds() < 15 ? doubled : Duration.ofSeconds(15);
        }
    }

    @Test
    void pausesAreJitteredOverTheWholeRange() {
        Random random = new Random(1);
        long[] quarters = new long[4];
        for (int i = 0; i < 4_000; i++) {
            quarters[(int) Math.min(3, POLICY.pauseAfter(2, random).toMillis() / 50)]++;
        }
        for (long count : quarters) {
            assertThat(count).isBetween(800L, 1_200L);
        }
        assertThat(POLICY.pauseAfter(Integer.MAX_VALUE, random))
                .isLessThanOrEqualTo(POLICY.maxPause());
    }

    @Test
    void whatDoesNotPassNamesActionPlaceReasonAndWhatToDo() {
        IOException reason =
                new StoreException.Unavailable(
                        "/srv/a: No space left on device", "Make room.", null);
        RetryingObjectStore store = retrying(new Failing(Integer.MAX_VALUE, reason));
        assertThatThrownBy(() -> store.create("log/1", body(ascii("1"))))
                .isInstanceOfSatisfying(
                        StorageUnavailable.class,
                        e -> {
                            assertThat(e.remedy()).isEqualTo("Make room.");
                            assertThat(e).hasCause(reason);
                        })
                .hasMessageMatching(
                        "can't create log/1 at memory:, after \\d+ attempts in 30 s: /srv/a: No"
                                + " space left on device");
    }

    @Test
    void aDenialIsNotTriedAgain() {
        Failing failing =
                new Failing(
                        Integer.MAX_VALUE,
                        new StoreException.Denied("/srv/a: permission denied", "Allow it.", null));
        RetryingObjectStore store = retrying(failing);
        assertThatThrownBy(() -> store.create("log/1", body(ascii("1"))))
                .isInstanceOf(StorageDenied.class)
                .hasMessage("can't create log/1 at memory:: /srv/a: permission denied");
        assertThat(failing.calls).isEqualTo(1);
        assertThat(clock.sleeps()).isEmpty();
    }

    @Test
    void whatIsDamagedOnTheWayOnceOrTwiceIsNoWrongAddress() {
        RetryingObjectStore store = retrying(new Failing(2, unintelligible()));
        assertThat(store.create("a", body(ascii("1")))).isInstanceOf(CreateOutcome.Created.class);
        assertThat(clock.sleeps()).hasSize(2);
    }

    @Test
    void aWrongAddressIsBelievedTheThirdTime() {
        Failing failing = new Failing(Integer.MAX_VALUE, unintelligible());
        RetryingObjectStore store = retrying(failing);
        assertThatThrownBy(() -> store.create("log/1", body(ascii("1"))))
                .isInstanceOf(StorageDenied.class)
                .hasMessage("can't create log/1 at memory:: a web page");
        assertThat(failing.calls).isEqualTo(3);
    }

    @Test
    void otherFailuresInBetweenDoNotMakeAWrongAddressOfOneDamagedAnswer() {
        IOException reset = new IOException("reset by peer");
        for (List<IOException> failures :
                List.of(
                        List.of(reset, reset, reset, unintelligible()),
                        List.of(unintelligible(), unintelligible(), reset, unintelligible()))) {
            Iterator<IOException> next = failures.iterator();
            RetryingObjectStore store =
                    retrying(
                            new ForwardingStore(place) {
                                @Override
                                public CreateOutcome create(String name, ObjectBody body)
                                        throws IOException {
                                    if (next.hasNext()) {
                                        throw next.next();
                                    }
                                    return super.create(name, body);
                                }
                            });
            CreateOutcome made =
                    store.create("a" + System.identityHashCode(failures), body(ascii("1")));
            assertThat(made).isInstanceOf(CreateOutcome.Created.class);
        }
    }

    private static IOException unintelligible() {
        return new StoreException.Unintelligible("a web page", "Correct it.", null);
    }

    @Test
    void aStopEndsTheWait() {
        RetryingObjectStore store =
                retrying(new Failing(Integer.MAX_VALUE, new IOException("reset by peer")));
        clock.stop();
        assertThatThrownBy(() -> store.create("a", body(ascii("1"))))
                .isInstanceOf(StorageUnavailable.class)
                .hasMessageContaining("stopped after 1 attempts");
    }

    @Test
    void theLatchStopsARealWait() {
        CountDownLatch stop = new CountDownLatch(1);
        StoppableClock real = StoppableClock.of(stop);
        assertThat(real.sleep(Duration.ofNanos(1))).isTrue();
        stop.countDown();
        assertThat(real.sleep(Duration.ofDays(1))).isFalse();
    }

    @Test
    void aLostAnswerIsResolvedByReading() throws IOException {
        int lost = 0;
        for (int i = 0; i < 40; i++) {
            FaultyObjectStore faulty =
                    new FaultyObjectStore(place, i, Map.of(Fault.AFTER_EFFECT, 0.3), clock::pass);
            CreateOutcome outcome = retrying(faulty).create("a" + i, body(ascii("1")));
            boolean isLost = !faulty.injected().isEmpty();
            assertThat(outcome instanceof CreateOutcome.AlreadyExists).isEqualTo(isLost);
            assertThat(StoreRequests.readAll(place, "a" + i)).isEqualTo(ascii("1"));
            lost += isLost ? 1 : 0;
        }
        assertThat(lost).isBetween(1, 39);
    }

    @Test
    void aReadBeginsAgainWhereItBegan() throws IOException {
        CreateOutcome _ = place.create("a", body(ascii("0123456789")));
        for (int seed = 0; seed < 50; seed++) {
            RetryingObjectStore store =
                    retrying(
                            new FaultyObjectStore(
                                    place, seed, Map.of(Fault.SHORT_READ, 0.7), clock::pass));
            ByteBuffer into = ByteBuffer.allocate(12).position(2).limit(8);
            assertThat(store.read("a", 3, into)).isEqualTo(new ReadOutcome.Read(6, 10));
            assertThat(into.position()).isEqualTo(8);
            assertThat(into.array()).isEqualTo(ascii("\0\0" + "345678" + "\0\0\0\0"));
        }
    }

    @Test
    void anUploadIsNotTriedAgainInTheMiddle() {
        RetryingObjectStore store =
                retrying(new FaultyObjectStore(place, 1, Map.of(Fault.TORN, 1.0), clock::pass));
        try (ObjectUpload upload = store.upload("a")) {
            assertThatThrownBy(() -> upload.write(ByteBuffer.allocate(10)))
                    .isInstanceOf(StorageUnavailable.class)
                    .hasMessageStartingWith("can't upload a at ");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        assertThat(clock.sleeps()).isEmpty();
    }

    private RetryingObjectStore retrying(ObjectStore store) {
        return retrying(store, POLICY);
    }

    private RetryingObjectStore retrying(ObjectStore store, RetryPolicy policy) {
        return new RetryingObjectStore(store, policy, clock, new Random(7));
    }

    /// Takes no byte of an upload.
    private final class Throttling extends Failing {
        Throttling() {
            super(0, new IOException("never thrown"));
        }

        @Override
        public ObjectUpload upload(String name) {
            return new ObjectUpload() {
                @Override
                public void write(ByteBuffer bytes) throws IOException {
                    throw new StoreException.Throttled("SlowDown", "Wait.", null);
                }

                @Override
                public CreateOutcome commit() {
                    throw new IllegalStateException("nothing was written");
                }

                @Override
                public boolean isRepeatable() {
                    return true;
                }

                @Override
                public void close() {}
            };
        }
    }

    /// Fails so many times, then lets requests pass.
    private class Failing implements ObjectStore {
        private final int failures;
        private final IOException failure;
        private int calls;

        Failing(int failures, IOException failure) {
            this.failures = failures;
            this.failure = failure;
        }

        @Override
        public CreateOutcome create(String name, ObjectBody body) throws IOException {
            if (calls++ < failures) {
                throw failure;
            }
            return place.create(name, body);
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
