package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.SegmentHeader;
import dev.holdfast.storage.FaultyObjectStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ManualClock;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.RetryPolicy;
import dev.holdfast.storage.RetryingObjectStore;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// Whatever stores do to requests within their contract, all ends with archives that are the
/// writer's own log.
final class FaultScheduleTest {
    /// A thousand take six minutes: `FAULT_SCHEDULES=1000` in the environment.
    private static final int SCHEDULES =
            Integer.parseInt(System.getenv().getOrDefault("FAULT_SCHEDULES", "40"));

    private static final double WORST_CHANCE = 0.12;

    @TempDir private Path folder;

    @Test
    void everyScheduleOfFaultsEndsWithAnArchiveThatIsTheWritersLog() throws Exception {
        long first = Long.getLong("seed", System.nanoTime());
        long faults = 0;
        for (int i = 0; i < SCHEDULES; i++) {
            long seed = first + i;
            Path own = Files.createDirectory(folder.resolve("schedule" + i));
            try {
                faults += new Schedule(own.resolve("app.db"), seed).run();
            } catch (AssertionError | Exception e) {
                throw new AssertionError("seed=" + seed, e);
            }
        }
        assertThat(faults).isGreaterThan(SCHEDULES);
    }

    /// Some runs of one writer into one or two stores.
    private static final class Schedule {
        private final Path database;
        private final SplittableRandom random;
        private final long seed;
        private final List<InMemoryObjectStore> memories;
        private final List<FaultyObjectStore> faulty = new ArrayList<>();

        Schedule(Path database, long seed) {
            this.database = database;
            this.seed = seed;
            this.random = new SplittableRandom(seed);
            this.memories =
                    Stream.generate(InMemoryObjectStore::new).limit(random.nextInt(1, 3)).toList();
            double chance = random.nextDouble(0.01, WORST_CHANCE);
            for (InMemoryObjectStore memory : memories) {
                faulty.add(
                        new FaultyObjectStore(
                                memory,
                                random.nextLong(),
                                FaultyObjectStore.chances(chance),
                                _ -> {}));
            }
        }

        private ObjectStore[] patient() {
            return faulty.stream()
                    .map(each ->
                            new RetryingObjectStore(
                                    each, RetryPolicy.DEFAULT, new ManualClock(), new Random(seed)))
                    .toArray(ObjectStore[]::new);
        }

        /// Returns how many faults there were.
        long run() throws Exception {
            try (Application application = Application.withCommits(database, seed)) {
                for (int runs = random.nextInt(1, 4); runs > 0; runs--) {
                    follow(application);
                }
                FollowerEnd healthy =
                        start(Duration.ofMinutes(1), memories.toArray(ObjectStore[]::new)).stop();
                assertThat(healthy.isAllDurable()).isTrue();
                for (InMemoryObjectStore memory : memories) {
                    ArchivedHistory.assertHolds(application, memory);
                    assertThat(StoredLog.segments(memory))
                            .filteredOn(each -> each.kind() == SegmentHeader.Kind.REBASE)
                            .hasSize(1);
                }
            }
            return faulty.stream().mapToLong(each -> each.injected().size()).sum();
        }

        private FollowedDatabase start(Duration grace, ObjectStore... stores) {
            ObjectStore[] named = new ObjectStore[stores.length];
            for (int i = 0; i < stores.length; i++) {
                named[i] = new OutageStore(stores[i], "copy " + i);
            }
            return FollowedDatabase.start(
                    FollowedDatabase.withGrace(grace, FollowedDatabase.options(database)), named);
        }

        private void follow(Application application) {
            Duration grace = Duration.ofMillis(random.nextInt(1, 200));
            try (FollowedDatabase followed = start(grace, patient())) {
                followed.await(FollowerEvent.Following.class);
                for (int i = random.nextInt(6); i > 0; i--) {
                    application.tell("run " + random.nextInt(1, 20));
                    if (random.nextInt(4) == 0) {
                        application.tell("sql PRAGMA wal_checkpoint(PASSIVE)");
                    }
                }
                assertThat(followed.stop().isAllCaptured()).isTrue();
            }
        }
    }
}
