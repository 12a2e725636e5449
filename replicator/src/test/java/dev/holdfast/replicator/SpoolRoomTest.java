package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.SegmentHeader;
import dev.holdfast.replicator.SpoolPolicy.WhenFull;
import dev.holdfast.storage.InMemoryObjectStore;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/// A store that can't be reached for so long that what waits for it reaches the limit.
final class SpoolRoomTest {
    private static final long LIMIT = 50_000;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final InMemoryObjectStore archive = new InMemoryObjectStore();
    private final OutageStore store = new OutageStore(archive);

    @TempDir private Path folder;

    @BeforeEach
    void printSeed() {
        System.getLogger(getClass().getName()).log(System.Logger.Level.INFO, "seed=" + seed);
    }

    private Path database() {
        return folder.resolve("app.db");
    }

    private FollowedDatabase start(WhenFull whenFull, Duration grace) {
        return FollowedDatabase.start(
                FollowedDatabase.withGrace(
                        grace,
                        FollowedDatabase.withSpool(
                                new SpoolPolicy(OptionalLong.of(LIMIT), whenFull),
                                FollowedDatabase.options(database()))),
                store);
    }

    /// Commits until the follower says that it is full. What is in the open segment counts only
    /// once a checkpoint had it cut.
    private static void fill(Application application, FollowedDatabase followed) {
        for (int i = 0; followed.events().stream().noneMatch(SpoolRoomTest::isFull); i++) {
            assertThat(i).as("rounds without a limit").isLessThan(200);
            application.tell("run 10");
            application.tell("passive");
        }
    }

    private static boolean isFull(FollowerEvent event) {
        return event instanceof FollowerEvent.Troubled troubled
                && troubled.what().contains("has reached its limit");
    }

    private static boolean isLeft(FollowerEvent event) {
        return event instanceof FollowerEvent.Troubled troubled
                && troubled.what().contains("was let go of");
    }

    private List<SegmentHeader> rebases() throws Exception {
        return ArchivedHistory.read(archive).kinds().stream()
                .filter(header -> header.kind() == SegmentHeader.Kind.REBASE)
                .toList();
    }

    private long walBytes() throws IOException {
        return Files.size(database().resolveSibling("app.db-wal"));
    }

    @Test
    void toKeepLosesNothing() throws Exception {
        try (Application application = Application.withCommits(database(), seed)) {
            FollowedDatabase followed = start(WhenFull.KEEP, Duration.ofMinutes(1));
            followed.await(FollowerEvent.Durable.class);
            store.begin();
            fill(application, followed);
            application.tell("run 50");
            application.tell("passive");
            assertThat(followed.events()).noneMatch(SpoolRoomTest::isLeft);
            store.end();
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, archive);
            assertThat(rebases()).hasSize(1);
        }
    }

    /// As long as the application does not let the WAL begin anew meanwhile.
    @Test
    void toKeepLosesNothingThroughAStopAndAStart() throws Exception {
        try (Application application = Application.withCommits(database(), seed)) {
            application.tell("sql PRAGMA wal_autocheckpoint=0");
            FollowedDatabase followed = start(WhenFull.KEEP, Duration.ofMillis(200));
            followed.await(FollowerEvent.Durable.class);
            store.begin();
            fill(application, followed);
            application.tell("run 20");
            FollowerEnd end = followed.stop();
            assertThat(end.isAllCaptured()).isFalse();
            assertThat(end.isAllDurable()).isFalse();
            store.end();
            application.tell("run 5");
            FollowedDatabase again = start(WhenFull.KEEP, Duration.ofMinutes(1));
            again.await(FollowerEvent.Following.class);
            assertThat(again.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, archive);
            assertThat(rebases()).hasSize(1);
        }
    }

    @Test
    void aStopWaitsForAStoreThatComesBackWithinItsGrace() throws Exception {
        try (Application application = Application.withCommits(database(), seed)) {
            FollowedDatabase followed = start(WhenFull.KEEP, Duration.ofMinutes(1));
            followed.await(FollowerEvent.Durable.class);
            store.begin();
            fill(application, followed);
            application.tell("run 20");
            followed.beginStop();
            long known = followed.events().stream().filter(SpoolRoomTest::isFull).count();
            followed.await(
                    FollowerEvent.Troubled.class,
                    _ -> followed.events().stream().filter(SpoolRoomTest::isFull).count() > known);
            store.end();
            assertThat(followed.awaitEnd().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, archive);
        }
    }

    @Test
    void toRebaseLetsTheWalBeginAnewAndKeepsWhatWasCaptured() throws Exception {
        try (Application application = Application.withCommits(database(), seed)) {
            FollowedDatabase followed = start(WhenFull.REBASE, Duration.ofMinutes(1));
            followed.await(FollowerEvent.Durable.class);
            store.begin();
            fill(application, followed);
            followed.await(FollowerEvent.Troubled.class, SpoolRoomTest::isLeft);
            application.tell("sql PRAGMA wal_checkpoint(TRUNCATE)");
            assertThat(walBytes()).isZero();
            application.tell("run 20");
            application.tell("sql PRAGMA wal_checkpoint(TRUNCATE)");
            application.tell("run 20");
            long captured = captured(followed);
            store.end();
            FollowerEvent.Following again =
                    followed.await(
                            FollowerEvent.Following.class, following -> following.tx() >= captured);
            application.tell("run 5");
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, archive);
            List<SegmentHeader> rebases = rebases();
            assertThat(rebases).hasSize(2);
            // What had been captured is in the archive, transaction for transaction; of the last
            // there was no room to tell
            assertThat(rebases.getLast().firstTx()).isEqualTo(again.tx()).isGreaterThan(captured);
        }
    }

    private static long captured(FollowedDatabase followed) {
        return followed.events().stream()
                .filter(FollowerEvent.Captured.class::isInstance)
                .mapToLong(event -> ((FollowerEvent.Captured) event).tx())
                .max()
                .orElseThrow();
    }
}
