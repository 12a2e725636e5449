package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ForwardingStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// Runs that begin, stop and begin again, beside real applications.
final class FollowerTest {
    private final long seed = Long.getLong("seed", System.nanoTime());
    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @TempDir Path folder;

    @BeforeEach
    void printSeed() {
        System.getLogger(FollowerTest.class.getName())
                .log(System.Logger.Level.INFO, "seed=" + seed);
    }

    private Path database() {
        return folder.resolve("app.db");
    }

    private Application created() {
        return Application.withCommits(database(), seed);
    }

    private void assertFollows(
            FollowedDatabase followed, Class<? extends FollowerEvent.Continuity> how) {
        assertThat(followed.events())
                .filteredOn(FollowerEvent.Following.class::isInstance)
                .as("%s", followed)
                .singleElement()
                .extracting(event -> ((FollowerEvent.Following) event).continuity())
                .isInstanceOf(how);
    }

    @Test
    void whatWasCommittedWhileNobodyFollowedIsReadFromTheWal() throws Exception {
        try (Application application = created();
                Application reader = Application.start(database(), 2)) {
            // Else the WAL begins anew if the first has had the time to copy it back
            reader.tell("open");
            reader.tell("sql BEGIN");
            reader.tell("sql SELECT count(*) FROM t");
            FollowedDatabase first = FollowedDatabase.following(database(), store);
            application.tell("run 20");
            assertThat(first.stop().isAllDurable()).isTrue();
            application.tell("run 20");
            FollowedDatabase second = FollowedDatabase.following(database(), store);
            assertThat(second.stop().isAllDurable()).isTrue();
            assertFollows(second, FollowerEvent.Continuity.ByWal.class);
            ArchivedHistory.assertHolds(application, store);
        }
    }

    /// The WAL was copied back while nobody followed, so that the first pin stands on slot 0, and
    /// the application writes before anything is read.
    @Test
    void aResetBeforeWhatAStartFoundWasReadIsNoticed() throws Exception {
        try (Application application = created()) {
            application.tell("sql PRAGMA wal_autocheckpoint=0");
            assertThat(FollowedDatabase.following(database(), store).stop().isAllDurable())
                    .isTrue();
            application.tell("fast 3");
            application.tell("passive");
            AtomicBoolean isTold = new AtomicBoolean();
            FollowedDatabase second =
                    FollowedDatabase.start(
                            FollowedDatabase.options(database()),
                            store,
                            event -> {
                                if (event instanceof FollowerEvent.Following
                                        && !isTold.getAndSet(true)) {
                                    application.tell("fast 1");
                                }
                            });
            second.await(FollowerEvent.Following.class);
            second.await(
                    FollowerEvent.Following.class,
                    following ->
                            following.continuity() instanceof FollowerEvent.Continuity.Rebased);
            assertThat(second.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, store);
        }
    }

    /// As after a kill of both in the moment between a reset and the capture of what came then.
    @Test
    void aWalThatBeganAfterTheLogsEndIsReadFromItsBeginning() throws Exception {
        try (Application application = created()) {
            FollowedDatabase first = FollowedDatabase.following(database(), store);
            application.tell("run 20");
            application.tell("close");
            assertThat(first.stop().isAllDurable()).isTrue();
            application.tell("open");
            application.tell("sql PRAGMA wal_autocheckpoint=0");
            application.tell("run 10");
            FollowedDatabase second = FollowedDatabase.following(database(), store);
            assertThat(second.stop().isAllDurable()).isTrue();
            assertFollows(second, FollowerEvent.Continuity.ByPages.class);
            ArchivedHistory.assertHolds(application, store);
        }
    }

    @Test
    void aDatabaseThatDidNotChangeIsKnownByItsPages() throws Exception {
        try (Application application = created()) {
            FollowedDatabase first = FollowedDatabase.following(database(), store);
            application.tell("run 20");
            application.tell("close");
            assertThat(first.stop().isAllDurable()).isTrue();
            application.tell("open");
            application.tell("sql SELECT count(*) FROM t");
            FollowedDatabase second = FollowedDatabase.following(database(), store);
            application.tell("run 10");
            assertThat(second.stop().isAllDurable()).isTrue();
            assertFollows(second, FollowerEvent.Continuity.ByPages.class);
            ArchivedHistory.assertHolds(application, store);
        }
    }

    @Test
    void aDatabaseThatChangedWithoutProofBeginsAnew() throws Exception {
        try (Application application = created()) {
            assertThat(FollowedDatabase.following(database(), store).stop().isAllDurable())
                    .isTrue();
            application.tell("run 5");
            application.tell("close");
            application.tell("open");
            application.tell("run 5");
            FollowedDatabase second = FollowedDatabase.following(database(), store);
            application.tell("run 5");
            assertThat(second.stop().isAllDurable()).isTrue();
            assertFollows(second, FollowerEvent.Continuity.Rebased.class);
            ArchivedHistory.assertHolds(application, store);
        }
    }

    @Test
    void anotherDatabaseInItsPlaceBeginsHistoryAnew() throws Exception {
        try (Application application = created();
                FollowedDatabase followed = FollowedDatabase.following(database(), store)) {
            application.tell("replace");
            // Before the other file is there the WAL is gone, and that can be seen first
            followed.await(
                    FollowerEvent.Following.class,
                    following ->
                            following
                                    .continuity()
                                    .equals(
                                            new FollowerEvent.Continuity.Rebased(
                                                    RebaseReason.DATABASE_REPLACED)));
            application.tell("run 5");
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertThat(ArchivedHistory.read(store).database()).isEqualTo(application.pages());
        }
    }

    @Test
    void aWriterThatNeverPausesDoesNotHoldUpTheFirstSnapshot() throws Exception {
        try (Application application = created()) {
            application.tell("big 20");
            try (FollowedDatabase followed = FollowedDatabase.following(database(), store)) {
                application.begin("fast 30000");
                followed.await(FollowerEvent.SnapshotDone.class);
                assertThat(application.hasReplied()).as("whether the writer is done").isFalse();
                application.awaitDone();
                assertThat(followed.stop().isAllDurable()).isTrue();
                ArchivedHistory.assertHolds(application, store);
            }
        }
    }

    @Test
    void aLargeDatabasesPagesAreStillKnownAfterAKill() throws Exception {
        Path state = folder.resolve("state");
        try (Application application = created()) {
            application.tell("big 20");
            int before = application.committed().size();
            FollowedDatabase first = FollowedDatabase.following(database(), store);
            first.await(FollowerEvent.SnapshotDone.class);
            application.tell("run 10");
            // Some of the random transactions are rolled back; the base is transaction 1
            int committed = application.committed().size() - before;
            long tx =
                    first.await(
                                    FollowerEvent.Durable.class,
                                    durable -> durable.tx() >= 1 + committed)
                            .tx();
            assertThat(tx).isEqualTo(1 + committed);
            // What a kill leaves: the state folder as it is now
            Path killed = folder.resolve("killed");
            copy(state, killed);
            FollowerEnd end = first.stop();
            assertThat(end.isAllDurable()).isTrue();
            try (FollowedDatabase second =
                    FollowedDatabase.start(FollowedDatabase.options(database(), killed), store)) {
                second.await(FollowerEvent.Following.class);
                application.tell("run 10");
                assertThat(second.stop().isAllDurable()).isTrue();
                assertFollows(second, FollowerEvent.Continuity.ByWal.class);
            }
            ArchivedHistory.assertHolds(application, store);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"state", "state/spool"})
    void aStateFolderThatIsRemovedEndsTheRunOnceAllIsDurable(String removed) throws Exception {
        try (Application application = created();
                FollowedDatabase followed = FollowedDatabase.following(database(), store)) {
            followed.await(FollowerEvent.SnapshotDone.class);
            application.tell("run 10");
            remove(folder.resolve(removed));
            application.tell("run 10");
            assertThatThrownBy(followed::awaitEnd)
                    .isInstanceOf(SidecarException.LocalFiles.class)
                    .hasMessageContaining("was removed or replaced")
                    .hasMessageContaining("all is durable up to transaction ");
            assertThat(followed.await(FollowerEvent.Troubled.class).part())
                    .isInstanceOf(FollowerEvent.Part.State.class);
            ArchivedHistory.assertHolds(application, store);
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Test
    void aNextRunSaysFromTheStartWhatIsDurable() throws Exception {
        try (Application application = created()) {
            FollowerEnd first = FollowedDatabase.following(database(), store).stop();
            assertThat(first.isAllDurable()).isTrue();
            FollowerOptions options = FollowedDatabase.options(database());
            try (FollowedDatabase second = FollowedDatabase.start(options, store)) {
                FollowerEvent.Durable durable = second.await(FollowerEvent.Durable.class);
                assertThat(durable.tx()).isEqualTo(first.durableTx());
                assertThat(durable.waitingBytes()).isZero();
            }
            assertThat(application.committed()).isNotEmpty();
        }
    }

    /// What the run before left in the spool may be shipped before this one has found out whether
    /// there is a snapshot, and nothing else may come that would make it tell.
    @Test
    void whatIsShippedWhileTheSnapshotIsLookedForIsToldAsDurable() throws Exception {
        OutageStore outage = new OutageStore(store);
        FollowerOptions options =
                FollowedDatabase.withGrace(
                        Duration.ofMillis(200), FollowedDatabase.options(database()));
        try (Application application = created()) {
            FollowedDatabase first = FollowedDatabase.start(options, outage);
            first.await(FollowerEvent.SnapshotDone.class);
            outage.begin();
            application.tell("fast 5");
            FollowerEnd end = first.stop();
            assertThat(end.isAllDurable()).isFalse();
            try (FollowedDatabase second =
                    FollowedDatabase.start(options, new LateSnapshots(store))) {
                assertThat(second.awaitDurable(end.capturedTx())).isEqualTo(end.capturedTx());
            }
        }
    }

    /// Lists no snapshots before a log object was created.
    private static final class LateSnapshots extends ForwardingStore {
        private final CountDownLatch shipped = new CountDownLatch(1);

        LateSnapshots(ObjectStore store) {
            super(store);
        }

        @Override
        public CreateOutcome create(String name, ObjectBody body) throws IOException {
            CreateOutcome outcome = super.create(name, body);
            if (name.startsWith(ObjectNames.LOG)) {
                shipped.countDown();
            }
            return outcome;
        }

        @Override
        public ListPage list(String prefix, @Nullable String startAfter, int limit)
                throws IOException {
            if (prefix.equals(ObjectNames.SNAPSHOTS)) {
                HeldStore.await(shipped);
                // Until the mark has advanced, and the shipper has told so
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            }
            return super.list(prefix, startAfter, limit);
        }
    }

    @Test
    void whatGathersWhileTheStoreIsDownIsShippedInOrder() throws Exception {
        OutageStore outage = new OutageStore(store);
        try (Application application = created();
                FollowedDatabase followed = FollowedDatabase.following(database(), outage)) {
            followed.await(FollowerEvent.SnapshotDone.class);
            outage.begin();
            application.tell("run 100 checkpoint");
            followed.await(FollowerEvent.Troubled.class);
            application.tell("run 100 checkpoint");
            outage.end();
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, store);
        }
    }

    /// The first page map would replace it.
    @Test
    void aStateFolderWithPagesOfSomebodysOwnIsRefusedBeforeAnythingIsMade() throws Exception {
        Path state = Files.createDirectory(folder.resolve("own"));
        Path pages = Files.writeString(state.resolve("pages"), "my pages");
        FollowerOptions options = FollowedDatabase.options(database(), state);
        assertThatThrownBy(() -> FollowedDatabase.start(options, store))
                .isInstanceOf(SidecarException.LocalFiles.class)
                .hasMessageContaining(pages.toString());
        assertThat(pages).hasContent("my pages");
        assertThat(state).isDirectoryNotContaining(file -> !file.equals(pages));
        assertThat(store.list("", null, 1).entries()).isEmpty();
    }
}
