package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.OpenOutcome;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The database goes away while its first snapshot is under way: what is stored in the end is
/// right, and what is not right is not stored.
final class DetachTest {
    private final long seed = Long.getLong("seed", System.nanoTime());
    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @TempDir Path folder;

    @BeforeEach
    void printSeed() {
        System.getLogger(DetachTest.class.getName()).log(System.Logger.Level.INFO, "seed=" + seed);
    }

    private Path database() {
        return folder.resolve("app.db");
    }

    /// Too large to be read whole at once.
    private Application large() {
        Application application = Application.start(database(), seed);
        application.tell("create 4096 1000");
        application.tell("big 20");
        return application;
    }

    private static long snapshotThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("holdfast-snapshot"))
                .count();
    }

    private List<Long> snapshots() throws Exception {
        if (Archive.open(store) instanceof OpenOutcome.Found(Archive archive)) {
            return archive.snapshots();
        }
        throw new AssertionError("no archive");
    }

    private void assertIsOfTheNewHistory(ArchivedHistory history) {
        long rebase =
                history.kinds().stream()
                        .filter(segment -> segment.kind() == SegmentHeader.Kind.REBASE)
                        .reduce((_, later) -> later)
                        .orElseThrow()
                        .seq();
        assertThat(rebase).isGreaterThan(1);
        assertThat(history.snapshotTx())
                .isGreaterThanOrEqualTo(history.kinds().get((int) rebase - 1).firstTx());
    }

    /// Whatever the store does.
    @Test
    void theCopyOfADatabaseThatWasReplacedIsGivenUp() throws Exception {
        HeldStore held = new HeldStore(store);
        try (Application application = large();
                FollowedDatabase followed = FollowedDatabase.following(database(), held)) {
            held.awaitHeld();
            application.tell("run 5");
            application.tell("replace");
            FollowerEvent.Following anew = followed.await(FollowerEvent.Following.class);
            assertThat(anew.continuity())
                    .isEqualTo(
                            new FollowerEvent.Continuity.Rebased(RebaseReason.DATABASE_REPLACED));
            assertThat(snapshotThreads()).isEqualTo(1);
            held.release();
            application.tell("run 5");
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertThat(snapshots()).hasSize(1);
            ArchivedHistory history = ArchivedHistory.read(store);
            assertIsOfTheNewHistory(history);
            assertThat(history.database()).isEqualTo(application.pages());
        }
    }

    @Test
    void aCopyThatWaitsForItsLogIsGivenUpWithTheDatabase() throws Exception {
        OutageStore outage = new OutageStore(store);
        HeldStore held = new HeldStore(outage);
        try (Application application = large();
                FollowedDatabase followed = FollowedDatabase.following(database(), held)) {
            held.awaitHeld();
            // The log can't become durable any more, but the upload that has begun goes on
            outage.begin();
            application.tell("run 5");
            followed.await(FollowerEvent.Troubled.class);
            held.release();
            application.tell("replace");
            FollowerEvent.Following anew = followed.await(FollowerEvent.Following.class);
            assertThat(anew.continuity())
                    .isEqualTo(
                            new FollowerEvent.Continuity.Rebased(RebaseReason.DATABASE_REPLACED));
            application.tell("run 5");
            outage.end();
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertThat(snapshots()).hasSize(1);
            ArchivedHistory history = ArchivedHistory.read(store);
            assertIsOfTheNewHistory(history);
            assertThat(history.database()).isEqualTo(application.pages());
        }
    }

    @Test
    void theCopyGoesOnWhenTheApplicationClosesItsLastConnection() throws Exception {
        HeldStore held = new HeldStore(store);
        try (Application application = large();
                FollowedDatabase followed = FollowedDatabase.following(database(), held)) {
            held.awaitHeld();
            application.tell("run 20");
            application.tell("close");
            application.tell("brief 20");
            held.release();
            followed.await(FollowerEvent.SnapshotDone.class);
            application.tell("open");
            application.tell("run 5");
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertThat(followed.hasRebasedMoreThanOnce()).isFalse();
            ArchivedHistory.assertHolds(application, store);
        }
    }

    @Test
    void aDatabaseThatWasRemovedWhileItWasCopiedIsFollowedOnceItIsBack() throws Exception {
        HeldStore held = new HeldStore(store);
        try (FollowedDatabase followed =
                        FollowedDatabase.start(FollowedDatabase.options(database()), held);
                Application application = large()) {
            followed.await(FollowerEvent.Following.class);
            held.awaitHeld();
            application.tell("close");
            removeDatabase();
            followed.await(FollowerEvent.Waiting.class);
            held.release();
            application.tell("create 1024 1000");
            application.tell("run 5");
            FollowerEvent.Following anew = followed.await(FollowerEvent.Following.class);
            assertThat(anew.continuity()).isInstanceOf(FollowerEvent.Continuity.Rebased.class);
            application.tell("run 5");
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory history = ArchivedHistory.read(store);
            assertIsOfTheNewHistory(history);
            assertThat(history.database()).isEqualTo(application.pages());
        }
    }

    private void removeDatabase() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (file.getFileName().toString().startsWith("app.db")) {
                    Files.delete(file);
                }
            }
        }
    }
}
