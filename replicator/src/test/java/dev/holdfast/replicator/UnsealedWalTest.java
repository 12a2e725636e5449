package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.storage.InMemoryObjectStore;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// Commits without a checksum, which SQLite 3.40 makes: its recovery drops them, and so they live
/// only as long as somebody has the database open, and copies them back.
final class UnsealedWalTest {
    /// So many that one of them would hit an attempt if it took the write lock.
    private static final int MENDS = 300;

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final AtomicBoolean isHolding = new AtomicBoolean();
    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);

    @TempDir Path folder;

    private Path database() {
        return folder.resolve("app.db");
    }

    private Application created() {
        Application application = Application.withCommits(database(), 1);
        application.tell("sql PRAGMA wal_autocheckpoint=0");
        return application;
    }

    /// Follows, and looks at nothing any more after the first commit that it captures then.
    private FollowedDatabase held(Application application) throws InterruptedException {
        FollowedDatabase followed =
                FollowedDatabase.start(
                        FollowedDatabase.options(database()), store, this::holdIfCaptured);
        followed.await(FollowerEvent.Following.class);
        isHolding.set(true);
        application.tell("fast 1");
        held.await();
        return followed;
    }

    private void holdIfCaptured(FollowerEvent event) {
        if (event instanceof FollowerEvent.Captured && isHolding.get()) {
            held.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static void commitUnsealed(Application application) {
        application.tell("fast 1");
        application.tell("unseal");
    }

    /// What is committed from then on can't be copied back.
    private static void beginReading(Application reader) {
        reader.tell("open");
        reader.tell("sql BEGIN");
        reader.tell("sql SELECT count(*) FROM t");
    }

    private static void awaitRebased(FollowedDatabase followed) {
        followed.await(
                FollowerEvent.Following.class,
                following ->
                        following
                                .continuity()
                                .equals(
                                        new FollowerEvent.Continuity.Rebased(
                                                RebaseReason.CONTINUITY_LOST)));
    }

    /// Another application finds the commit, and a database that is whole, and goes on.
    private Application reopened(int version) {
        Application next = Application.start(database(), 2);
        next.tell("open");
        assertThat(next.tell("sql PRAGMA user_version")).isEqualTo("[(" + version + ",)]");
        assertThat(next.tell("sql PRAGMA integrity_check")).isEqualTo("[('ok',)]");
        return next;
    }

    private static int lastVersion(Application application) {
        return application.committed().getLast();
    }

    private void assertArchived(FollowedDatabase followed, Application last) throws Exception {
        assertThat(followed.stop().isAllDurable()).isTrue();
        assertThat(ArchivedHistory.read(store).database()).isEqualTo(last.pages());
    }

    @Test
    void oneOutlivesTheApplicationsClose() throws Exception {
        assertOutlived(application -> application.tell("close"));
    }

    @Test
    void oneOutlivesAnApplicationThatIsKilled() throws Exception {
        assertOutlived(Application::kill);
    }

    /// @param end of the application, right after its commit
    private void assertOutlived(Consumer<Application> end) throws Exception {
        try (Application application = created();
                FollowedDatabase followed = held(application)) {
            commitUnsealed(application);
            int version = lastVersion(application);
            end.accept(application);
            release.countDown();
            awaitRebased(followed);
            try (Application next = reopened(version)) {
                next.tell("run 5");
                assertArchived(followed, next);
            }
        }
    }

    /// With the application alive, nothing but an empty WAL is safe from the death of both.
    @Test
    void onceItIsArchivedTheDeathOfAllDoesNotHarmIt() throws Exception {
        try (Application application = created();
                FollowedDatabase followed = held(application)) {
            commitUnsealed(application);
            int version = lastVersion(application);
            release.countDown();
            awaitRebased(followed);
            Path copy = folder.resolve("as-after-a-kill.db");
            application.tell("copy " + copy);
            try (Application next = Application.start(copy, 2)) {
                next.tell("open");
                assertThat(next.tell("sql PRAGMA user_version")).isEqualTo("[(" + version + ",)]");
            }
            application.tell("run 5");
            assertArchived(followed, application);
        }
    }

    @Test
    void oneOutlivesAStopOfHoldfastAfterTheApplications() throws Exception {
        try (Application application = created();
                FollowedDatabase followed = held(application)) {
            commitUnsealed(application);
            int version = lastVersion(application);
            application.tell("close");
            followed.beginStop();
            release.countDown();
            assertThat(followed.awaitEnd().isAllDurable()).isTrue();
            try (Application next = reopened(version)) {
                assertThat(ArchivedHistory.read(store).database()).isEqualTo(next.pages());
            }
        }
    }

    /// A reader keeps it from being copied back until all but Holdfast are gone.
    @Test
    void oneThatIsFoundAtTheStartOutlivesAllThatHadItOpen() throws Exception {
        int version;
        FollowedDatabase followed;
        try (Application application = created();
                Application reader = Application.start(database(), 3)) {
            beginReading(reader);
            commitUnsealed(application);
            version = lastVersion(application);
            followed = FollowedDatabase.start(FollowedDatabase.options(database()), store);
            followed.await(FollowerEvent.Waiting.class);
        }
        try (followed) {
            followed.await(FollowerEvent.Following.class);
            try (Application next = reopened(version)) {
                next.tell("run 5");
                assertArchived(followed, next);
            }
        }
    }

    /// It would be waited for until the reader ends, and nothing captured until then.
    @Test
    void aReaderThatStaysDoesNotKeepTheRestFromBeingFollowed() throws Exception {
        try (Application application = created();
                Application reader = Application.start(database(), 3);
                FollowedDatabase followed = held(application)) {
            commitUnsealed(application);
            beginReading(reader);
            release.countDown();
            awaitRebased(followed);
            application.tell("run 5");
            reader.tell("close");
            application.tell("run 5");
            application.tell("close");
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertThat(ArchivedHistory.read(store).database())
                    .isEqualTo(ByteBuffer.wrap(Files.readAllBytes(database())));
        }
    }

    /// Else an application that never pauses could never begin its WAL anew.
    @Test
    void nothingOfOursIsInTheWayOfACheckpointMeanwhile() throws Exception {
        try (Application application = created();
                Application reader = Application.start(database(), 3)) {
            beginReading(reader);
            commitUnsealed(application);
            LiveDatabase live = LiveDatabase.open(database().toRealPath()).orElseThrow();
            UnsealedWal unsealed = new UnsealedWal(live, new PageSize(4096), Timekeeper.system());
            assertThat(unsealed.mend()).isFalse();
            reader.tell("close");
            application.tell("sql PRAGMA busy_timeout=0");
            assertThat(application.tell("sql PRAGMA wal_checkpoint(TRUNCATE)"))
                    .isEqualTo("[(0, 0, 0)]");
            assertThat(unsealed.mend()).isTrue();
            live.close();
        }
    }

    /// It would be SQLITE_BUSY to an application that waits for no lock.
    @Test
    void theWriteLockIsNotTakenBeforeAllIsCopiedBack() throws Exception {
        try (Application application = created();
                Application reader = Application.start(database(), 3)) {
            beginReading(reader);
            commitUnsealed(application);
            application.tell("sql PRAGMA busy_timeout=0");
            try (LiveDatabase live = LiveDatabase.open(database().toRealPath()).orElseThrow()) {
                UnsealedWal unsealed =
                        new UnsealedWal(live, new PageSize(4096), Timekeeper.system());
                for (int mends = 0; mends < MENDS; ) {
                    application.begin("attempt 1000");
                    while (!application.hasReplied()) {
                        assertThat(unsealed.mend()).isFalse();
                        mends++;
                    }
                    assertThat(application.awaitDone()).isEmpty();
                }
            }
        }
    }

    /// SQLite would lay the WAL of the one over the other.
    @Test
    void nothingIsOpenedInThePlaceOfOneThatIsReplaced() throws Exception {
        Path other = folder.resolve("other.db");
        try (Application application = Application.withCommits(other, 4)) {
            application.tell("close");
        }
        byte[] before = Files.readAllBytes(other);
        try (Application application = created();
                Application reader = Application.start(database(), 3)) {
            beginReading(reader);
            commitUnsealed(application);
            try (FollowedDatabase followed =
                    FollowedDatabase.start(FollowedDatabase.options(database()), store)) {
                followed.await(FollowerEvent.Waiting.class);
                Files.move(other, database(), StandardCopyOption.REPLACE_EXISTING);
                FollowerEvent.Waiting waiting = followed.await(FollowerEvent.Waiting.class);
                assertThat(waiting.why()).contains("is that of the file that was here before");
            }
            assertThat(database()).hasBinaryContent(before);
        }
    }
}
