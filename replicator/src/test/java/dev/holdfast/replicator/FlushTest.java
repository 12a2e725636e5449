package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.FileActions;
import dev.holdfast.storage.ForwardingStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.state.FlushAnswer;
import dev.holdfast.storage.state.FlushRequest;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// A budget of uploads, and requests to ship whatever it says.
final class FlushTest {
    private static final int BURST = 4;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @TempDir Path folder;

    private Path database;
    private Path state;

    @BeforeEach
    void place() {
        database = folder.resolve("app.db");
        state = folder.resolve("state");
    }

    /// Follows with a budget that lasts for no test.
    private FollowedDatabase follow(ObjectStore to) {
        return follow(to, _ -> {});
    }

    private FollowedDatabase follow(ObjectStore to, Consumer<FollowerEvent> hook) {
        FollowedDatabase followed = start(to, BURST, hook);
        followed.await(FollowerEvent.SnapshotDone.class);
        return followed;
    }

    private FollowedDatabase start(ObjectStore to, int burst, Consumer<FollowerEvent> hook) {
        UploadRate uploads = new UploadRate(Duration.ofHours(1), burst);
        return FollowedDatabase.start(
                FollowedDatabase.options(database, state),
                List.of(new DestinationOptions(to, uploads)),
                Timekeeper.system(),
                FileActions.REAL,
                hook);
    }

    /// Commits one by one, each of which could have left by itself.
    ///
    /// @return the last of them
    private static long commitOneByOne(Application application, FollowedDatabase followed) {
        long last = 0;
        for (int i = 0; i < 5 * BURST; i++) {
            application.tell("fast 1");
            last = followed.await(FollowerEvent.Captured.class).tx();
        }
        return last;
    }

    private static FlushAnswer await(FlushRequest request) {
        return await(request::answer);
    }

    private static <T> T await(Supplier<Optional<T>> wanted) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            Optional<T> found = wanted.get();
            if (found.isPresent()) {
                return found.get();
            }
            LockSupport.parkNanos(5_000_000);
        }
        throw new AssertionError("not in time");
    }

    /// What a killed process left two hours ago.
    private Path leave(String name) throws IOException {
        Path left = Files.createFile(state.resolve(name));
        return Files.setLastModifiedTime(
                left, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    }

    /// Makes a request, and waits until the follower has seen it: it clears away then.
    private FlushRequest makeSeen(int id) throws IOException {
        Path left = leave("flushed-ffffffffffffff" + (10 + id));
        FlushRequest request = FlushRequest.make(state, id);
        return await(() -> Files.exists(left) ? Optional.empty() : Optional.of(request));
    }

    private List<String> files() throws IOException {
        try (Stream<Path> found = Files.list(state)) {
            return found.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("flush"))
                    .toList();
        }
    }

    private long logObjects() throws IOException {
        return store.list("", null, 1_000).entries().stream()
                .filter(entry -> ObjectNames.logSeq(entry.name()).isPresent())
                .count();
    }

    @Test
    void whatIsBeyondTheBudgetGathersAndLeavesAtAStop() throws Exception {
        try (Application application = Application.withCommits(database, 1)) {
            FollowedDatabase followed = follow(store);
            long last = commitOneByOne(application, followed);
            assertThat(followed.stop().durableTx()).isEqualTo(last);
            assertThat(logObjects()).isBetween(2L, BURST + 1L);
            ArchivedHistory.assertHolds(application, store);
        }
    }

    @Test
    void aFlushShipsWhatTheBudgetHoldsBack() throws Exception {
        try (Application application = Application.withCommits(database, 2)) {
            FollowedDatabase followed = follow(store);
            for (int round = 0; round < 3; round++) {
                long last = commitOneByOne(application, followed);
                try (FlushRequest request = FlushRequest.make(state, round)) {
                    FlushAnswer answer = await(request);
                    assertThat(answer.tx()).isEqualTo(last);
                    assertThat(StoredLog.end(store).orElseThrow().last().seq())
                            .isEqualTo(answer.seq());
                }
                assertThat(files()).isEmpty();
            }
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, store);
        }
    }

    @Test
    void aFlushShipsWhatTheBandwidthHoldsBackTheFirstSnapshotToo() throws Exception {
        DestinationOptions slow =
                new DestinationOptions(
                        store,
                        UploadRate.UNLIMITED,
                        UploadBandwidth.of(1),
                        DestinationOptions.SEGMENT_OF_FOLDER);
        try (Application application = Application.withCommits(database, 11)) {
            FollowedDatabase followed =
                    FollowedDatabase.start(
                            FollowedDatabase.options(database, state),
                            List.of(slow),
                            Timekeeper.system(),
                            FileActions.REAL,
                            _ -> {});
            followed.await(FollowerEvent.Following.class);
            long last = commitOneByOne(application, followed);
            assertThat(followed.events()).noneMatch(FollowerEvent.Durable.class::isInstance);
            long objects;
            try (FlushRequest request = FlushRequest.make(state, 1)) {
                assertThat(await(request).tx()).isEqualTo(last);
                objects = logObjects();
            }
            last = commitOneByOne(application, followed);
            assertThat(followed.stop().durableTx()).isEqualTo(last);
            assertThat(logObjects()).isLessThan(objects + BURST);
            ArchivedHistory.assertHolds(application, store);
        }
    }

    @Test
    void aFlushOfADatabaseThatIsNotThereYetIsDone() throws Exception {
        FollowedDatabase followed =
                FollowedDatabase.start(FollowedDatabase.options(database, state), store);
        followed.await(FollowerEvent.Waiting.class);
        try (FlushRequest request = FlushRequest.make(state, 1)) {
            assertThat(await(request).tx()).isZero();
        }
        assertThat(followed.stop().capturedTx()).isZero();
    }

    /// A store that takes no log objects from `asked` to `released`.
    private ObjectStore held(CountDownLatch asked, CountDownLatch released) {
        return new ForwardingStore(store) {
            @Override
            public CreateOutcome create(String name, ObjectBody body) throws IOException {
                if (ObjectNames.logSeq(name).isPresent() && asked.getCount() == 0) {
                    HeldStore.await(released);
                }
                return super.create(name, body);
            }
        };
    }

    @Test
    void nothingIsAnsweredBeforeTheStoreHasIt() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        try (Application application = Application.withCommits(database, 3)) {
            FollowedDatabase followed = follow(held(asked, released));
            asked.countDown();
            application.tell("fast 1");
            long last = followed.await(FollowerEvent.Captured.class).tx();
            try (FlushRequest first = makeSeen(1);
                    FlushRequest second = makeSeen(2)) {
                // Once it has seen the second it is done with whatever it did for the first
                assertThat(first.answer()).isEmpty();
                released.countDown();
                assertThat(await(first).tx()).isGreaterThanOrEqualTo(last);
                assertThat(await(second).tx()).isGreaterThanOrEqualTo(last);
            }
            assertThat(followed.stop().isAllDurable()).isTrue();
        }
    }

    @Test
    void aFlushThatComesWithTheStopIsAnswered() throws Exception {
        AtomicBoolean isHeld = new AtomicBoolean();
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        try (Application application = Application.withCommits(database, 4)) {
            FollowedDatabase followed =
                    follow(
                            store,
                            event -> {
                                if (isHeld.get() && event instanceof FollowerEvent.Captured) {
                                    held.countDown();
                                    HeldStore.await(released);
                                }
                            });
            commitOneByOne(application, followed);
            isHeld.set(true);
            application.tell("fast 1");
            HeldStore.await(held); // a stop seen before the capture looks for requests too early
            followed.beginStop();
            try (FlushRequest request = FlushRequest.make(state, 1)) {
                released.countDown();
                long last = followed.await(FollowerEvent.Captured.class).tx();
                assertThat(followed.awaitEnd().durableTx()).isEqualTo(last);
                assertThat(request.answer())
                        .hasValueSatisfying(answer -> assertThat(answer.tx()).isEqualTo(last));
            }
        }
    }

    @Test
    void aFlushOfWhatWasCommittedAfterTheLastLookOfAStopIsNotAnswered() throws Exception {
        CountDownLatch stopped = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        try (Application application = Application.withCommits(database, 6)) {
            FollowedDatabase followed = follow(held(stopped, released));
            stopped.countDown();
            application.tell("fast 1");
            long last = followed.await(FollowerEvent.Captured.class).tx();
            followed.beginStop();
            await(() -> isOpenHere(database) ? Optional.empty() : Optional.of(last));
            application.tell("fast 1");
            try (FlushRequest request = FlushRequest.make(state, 1)) {
                released.countDown();
                assertThat(followed.awaitEnd().durableTx()).isEqualTo(last);
                assertThat(request.answer()).isEmpty();
            }
        }
    }

    private static boolean isOpenHere(Path file) {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.anyMatch(descriptor -> leadsTo(descriptor, file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean leadsTo(Path descriptor, Path file) {
        try {
            return Files.readSymbolicLink(descriptor).equals(file.toRealPath());
        } catch (IOException _) {
            return false; // closed meanwhile
        }
    }

    @Test
    void aFlushOfADatabaseThatWasJustReplacedIsOfTheNewOne() throws Exception {
        try (Application application = Application.withCommits(database, 7)) {
            FollowedDatabase followed = follow(store);
            application.tell("fast 1");
            application.tell("replace");
            application.tell("fast 1");
            try (FlushRequest request = FlushRequest.make(state, 1)) {
                assertThat(await(request).tx()).isPositive();
                assertThat(ArchivedHistory.read(store).database()).isEqualTo(application.pages());
            }
            assertThat(followed.stop().isAllDurable()).isTrue();
        }
    }

    @Test
    void aStopRightAfterTheDatabaseWasReplacedKeepsTheNewOne() throws Exception {
        try (Application application = Application.withCommits(database, 8)) {
            FollowedDatabase followed = follow(store);
            application.tell("fast 1");
            application.tell("replace");
            application.tell("fast 1");
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertThat(ArchivedHistory.read(store).database()).isEqualTo(application.pages());
        }
    }

    @Test
    void aFlushDuringTheFirstSnapshotHasShippedWhatThatWaitsFor() throws Exception {
        HeldStore held = new HeldStore(store);
        try (Application application = Application.withCommits(database, 9)) {
            application.tell("big 17"); // so that the snapshot is copied while commits come
            FollowedDatabase followed = start(held, 1, _ -> {});
            held.awaitHeld();
            try (FlushRequest request = makeSeen(1)) {
                long last = commitOneByOne(application, followed);
                held.release();
                assertThat(await(request).tx()).isPositive();
                assertThat(followed.stop().durableTx()).isEqualTo(last);
            }
            ArchivedHistory.assertHolds(application, store);
        }
    }

    @Test
    void whatFillsALogObjectDoesNotGatherForTheBudget() throws Exception {
        try (Application application = Application.withCommits(database, 10)) {
            FollowedDatabase followed = follow(store);
            commitOneByOne(application, followed);
            application.tell("big 34");
            long last = followed.await(FollowerEvent.Captured.class).tx();
            assertThat(followed.awaitDurable(last)).isEqualTo(last);
            assertThat(followed.stop().durableTx()).isEqualTo(last);
        }
    }

    @Test
    void whatKilledProcessesLeftIsRemovedLater() throws Exception {
        try (Application _ = Application.withCommits(database, 5)) {
            FollowedDatabase followed = follow(store);
            Path left = leave("flushed-0011223344556677");
            Path foreign = leave("flush-this");
            Path young = Files.createFile(state.resolve("flushed-0011223344556678"));
            try (FlushRequest request = FlushRequest.make(state, 1)) {
                assertThat(await(request).tx()).isPositive();
            }
            assertThat(left).doesNotExist();
            assertThat(young).exists();
            assertThat(foreign).exists();
            assertThat(followed.stop().isAllDurable()).isTrue();
        }
    }
}
