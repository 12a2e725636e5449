package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.InMemoryObjectStore;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/// Every commit is captured, once and in order, whatever the application does. What it does is
/// random, and comes from the seed.
final class CaptureTest {
    private final long seed = Long.getLong("seed", System.nanoTime());
    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @TempDir Path folder;

    @BeforeEach
    void printSeed() {
        System.getLogger(CaptureTest.class.getName()).log(System.Logger.Level.INFO, "seed=" + seed);
    }

    private Path database() {
        return folder.resolve("app.db");
    }

    private void assertAllCaptured(Application application, FollowedDatabase followed)
            throws IOException, FormatException {
        FollowerEnd end = followed.stop();
        assertThat(end.isAllDurable()).as("%s, %s", end, followed).isTrue();
        assertThat(followed.hasRebasedMoreThanOnce()).as("%s", followed).isFalse();
        ArchivedHistory history = ArchivedHistory.read(store);
        List<Integer> committed = application.committed();
        assertThat(history.versions())
                .as("seed %d", seed)
                .hasSizeLessThanOrEqualTo(committed.size());
        assertThat(history.versions())
                .as("seed %d", seed)
                .isEqualTo(
                        committed.subList(
                                committed.size() - history.versions().size(), committed.size()));
        assertThat(history.database()).as("seed %d", seed).isEqualTo(application.pages());
    }

    private Application created(int pageSize, int autocheckpoint) {
        Application application = Application.start(database(), seed);
        application.tell("create " + pageSize + " " + autocheckpoint);
        application.tell("run 5");
        return application;
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096, 65536})
    void everyCommitIsCapturedWithEveryPageSize(int pageSize) throws Exception {
        try (Application application = created(pageSize, 1000);
                FollowedDatabase followed = FollowedDatabase.following(database(), store)) {
            application.tell("run 300");
            assertAllCaptured(application, followed);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 50})
    void everyCommitIsCapturedWithTheApplicationsCheckpoints(int autocheckpoint) throws Exception {
        try (Application application = created(4096, autocheckpoint);
                FollowedDatabase followed = FollowedDatabase.following(database(), store)) {
            application.tell("run 400 checkpoint");
            assertAllCaptured(application, followed);
        }
    }

    @Test
    void everyCommitIsCapturedThroughVacuumAndSpilledTransactions() throws Exception {
        try (Application application = created(1024, 1000);
                FollowedDatabase followed = FollowedDatabase.following(database(), store)) {
            application.tell("run 300 vacuum spill checkpoint");
            assertAllCaptured(application, followed);
        }
    }

    @Test
    void everyCommitIsCapturedThoughTheApplicationClosesAndReopens() throws Exception {
        try (Application application = created(4096, 1000);
                FollowedDatabase followed = FollowedDatabase.following(database(), store)) {
            application.tell("run 300 reopen checkpoint");
            assertAllCaptured(application, followed);
        }
    }

    @Test
    void everyCommitOfManyBriefVisitsIsCaptured() throws Exception {
        try (Application application = created(4096, 1000);
                FollowedDatabase followed = FollowedDatabase.following(database(), store)) {
            application.tell("close");
            application.tell("brief 200");
            application.tell("open");
            assertAllCaptured(application, followed);
        }
    }

    @Test
    void aTransactionLargerThanASegmentIsShippedWithoutAStop() throws Exception {
        try (Application application = created(4096, 1000);
                FollowedDatabase followed = FollowedDatabase.following(database(), store)) {
            application.tell("run 3");
            application.tell("big 20");
            assertThat(followed.awaitDurable(application.committed().size())).isPositive();
            assertAllCaptured(application, followed);
        }
    }

    @Test
    void everyCommitOfSeveralWritersIsCaptured() throws Exception {
        try (Application one = created(4096, 100);
                Application two = Application.start(database(), seed + 1);
                FollowedDatabase followed = FollowedDatabase.following(database(), store)) {
            two.tell("open");
            one.begin("run 300 reopen");
            two.begin("run 300 checkpoint");
            assertThat(one.awaitDone()).isEmpty();
            assertThat(two.awaitDone()).isEmpty();
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory history = ArchivedHistory.read(store);
            int last = Math.max(one.committed().getLast(), two.committed().getLast());
            assertThat(history.versions())
                    .as("seed %d", seed)
                    .endsWith(IntStream.rangeClosed(1, last).boxed().toArray(Integer[]::new));
            assertThat(history.database()).isEqualTo(one.pages());
        }
    }

    @Test
    void aWriterThatIsKilledLeavesWhatItCommitted() throws Exception {
        try (Application application = created(4096, 1000);
                FollowedDatabase followed = FollowedDatabase.following(database(), store)) {
            for (int round = 0; round < 5; round++) {
                try (Application killed = Application.start(database(), seed + round)) {
                    killed.tell("open");
                    long before = followed.await(FollowerEvent.Captured.class, _ -> true).tx();
                    killed.begin("run 100000 checkpoint spill");
                    followed.await(
                            FollowerEvent.Captured.class, captured -> captured.tx() > before + 50);
                    killed.kill();
                }
                application.tell("run 3");
            }
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertThat(followed.hasRebasedMoreThanOnce()).as("%s", followed).isFalse();
            ArchivedHistory history = ArchivedHistory.read(store);
            int last = application.committed().getLast();
            assertThat(history.versions())
                    .as("seed %d", seed)
                    .endsWith(IntStream.rangeClosed(1, last).boxed().toArray(Integer[]::new));
            assertThat(history.database()).isEqualTo(application.pages());
        }
    }
}
