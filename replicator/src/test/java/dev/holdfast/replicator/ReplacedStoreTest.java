package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.storage.FileObjectStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.RetryPolicy;
import dev.holdfast.storage.RetryingObjectStore;
import dev.holdfast.storage.StoppableClock;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/// A store's folder that changes under a follower: nothing is called durable behind what is
/// missing, and nothing is added to what is not its archive.
final class ReplacedStoreTest {
    private static final RetryPolicy ONCE =
            new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ZERO);

    @TempDir private Path folder;

    /// The newest transaction that was waited for: a base, and the commit that the WAL had.
    private long tx = 2;

    private Path archive;
    private Path away;

    @BeforeEach
    void name() {
        archive = folder.resolve("archive");
        away = folder.resolve("away");
    }

    private Path database() {
        return folder.resolve("app.db");
    }

    private ObjectStore store() throws IOException {
        return new RetryingObjectStore(
                FileObjectStore.openForWriting(archive),
                ONCE,
                StoppableClock.of(new CountDownLatch(1)),
                new Random(1));
    }

    private Application created() {
        Application application = Application.start(database(), 1);
        application.tell("create 4096 1000");
        return application;
    }

    /// Five commits, and waits until the store has them.
    private void follow(Application application, FollowedDatabase followed) {
        application.tell("fast 5");
        tx += 5;
        followed.awaitDurable(tx);
    }

    private void assertToldAsLost(FollowedDatabase followed) {
        FollowerEvent.Troubled troubled =
                followed.await(
                        FollowerEvent.Troubled.class,
                        trouble -> trouble.what().contains("has lost " + ObjectNames.LOG));
        assertThat(troubled.part()).isInstanceOf(FollowerEvent.Part.Store.class);
        assertThat(troubled.what()).contains(archive.toString());
        assertThat(troubled.remedy()).startsWith("Put back");
    }

    @Test
    void behindAnOlderCopyNothingIsDurableUntilTheRightFolderIsBack() throws Exception {
        try (Application application = created();
                ObjectStore store = store();
                FollowedDatabase followed = FollowedDatabase.following(database(), store)) {
            followed.await(FollowerEvent.SnapshotDone.class);
            follow(application, followed);
            Path older = folder.resolve("older");
            copy(archive, older);
            follow(application, followed);
            Files.move(archive, away);
            Files.move(older, archive);
            List<Path> before = files(archive);
            application.tell("fast 5");
            assertToldAsLost(followed);
            assertThat(files(archive)).isEqualTo(before);
            Files.move(archive, older);
            Files.move(away, archive);
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, store);
        }
    }

    @Test
    void anOlderCopyThatStaysIsCompletedFromTheSpoolByTheNextRun() throws Exception {
        try (Application application = created();
                ObjectStore store = store()) {
            FollowerOptions options =
                    FollowedDatabase.withGrace(
                            Duration.ofMillis(200), FollowedDatabase.options(database()));
            FollowedDatabase first = FollowedDatabase.start(options, store);
            first.await(FollowerEvent.SnapshotDone.class);
            follow(application, first);
            copy(archive, folder.resolve("older"));
            follow(application, first);
            Files.move(archive, away);
            Files.move(folder.resolve("older"), archive);
            application.tell("fast 5");
            assertToldAsLost(first);
            assertThat(first.stop().isAllDurable()).isFalse();
            try (FollowedDatabase second = FollowedDatabase.start(options, store)) {
                second.await(FollowerEvent.Following.class);
                tx += 5;
                follow(application, second);
            }
            ArchivedHistory.assertHolds(application, store);
        }
    }

    @Test
    void anotherArchiveInItsPlaceIsLeftAsItIs() throws Exception {
        try (Application application = created();
                ObjectStore store = store();
                FollowedDatabase followed = FollowedDatabase.following(database(), store)) {
            followed.await(FollowerEvent.SnapshotDone.class);
            follow(application, followed);
            Files.move(archive, away);
            Path another = folder.resolve("another.db");
            try (Application other = Application.start(another, 2);
                    ObjectStore others = store()) {
                other.tell("create 4096 1000");
                FollowerOptions options =
                        FollowedDatabase.options(another, folder.resolve("others-state"));
                assertThat(FollowedDatabase.start(options, others).stop().isAllDurable()).isTrue();
            }
            List<Path> before = files(archive);
            application.tell("fast 5");
            assertToldAsLost(followed);
            assertThat(files(archive)).isEqualTo(before);
            Files.move(archive, folder.resolve("others"));
            Files.move(away, archive);
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, store);
        }
    }

    @Test
    void whereTheLogWasRemovedNothingMoreIsStored() throws Exception {
        try (Application application = created();
                ObjectStore store = store();
                FollowedDatabase followed = FollowedDatabase.following(database(), store)) {
            followed.await(FollowerEvent.SnapshotDone.class);
            follow(application, followed);
            Files.move(archive.resolve("log"), away);
            application.tell("fast 5");
            assertToldAsLost(followed);
            assertThat(archive.resolve("log")).doesNotExist();
            assertThat(followed.events())
                    .filteredOn(FollowerEvent.Durable.class::isInstance)
                    .allMatch(event -> ((FollowerEvent.Durable) event).tx() <= tx);
            Files.move(away, archive.resolve("log"));
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, store);
        }
    }

    @Test
    void whereTheWholeFolderWasRemovedNoneIsMadeAndAllIsShippedOnceItIsBack() throws Exception {
        try (Application application = created();
                ObjectStore store = store();
                FollowedDatabase followed = FollowedDatabase.following(database(), store)) {
            followed.await(FollowerEvent.SnapshotDone.class);
            follow(application, followed);
            Files.move(archive, away);
            application.tell("fast 5");
            FollowerEvent.Troubled troubled = followed.await(FollowerEvent.Troubled.class);
            assertThat(troubled.part()).isInstanceOf(FollowerEvent.Part.Store.class);
            assertThat(troubled.what()).contains(archive.toString());
            assertThat(archive).doesNotExist();
            Files.move(away, archive);
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, store);
        }
    }

    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> found = Files.walk(root)) {
            return found.sorted(Comparator.naturalOrder()).toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        for (Path path : files(from)) {
            Files.copy(path, to.resolve(from.relativize(path).toString()));
        }
    }
}
