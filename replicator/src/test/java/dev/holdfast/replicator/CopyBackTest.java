package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.storage.FileActions;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.wal.WalHeader;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

final class CopyBackTest {
    /// Of which the WAL gets two frames each: 310 MB, if it never began anew.
    private static final int COMMITS = 40_000;

    /// Several times what it needs: how fast either side is depends on the machine.
    private static final long MOST_BYTES = 220 << 20;

    /// Of the WAL from which on it is not left to pauses to shorten it.
    private static final int LONG = 3_000;

    /// Longer than any pause that a writer is taken to make.
    private static final Duration LONG_READ = Duration.ofMillis(60);

    @TempDir Path folder;

    @Test
    void theWalOfAWriterThatNeverPausesIsBoundedWithoutTheWriteLock() throws Exception {
        assertUnlocked((application, _, _) -> {
            application.tell("fast " + COMMITS);
            assertThat(walBytes()).isLessThan(MOST_BYTES);
        });
    }

    @Test
    void burstsAreNoReasonForTheWriteLock() throws Exception {
        assertUnlocked((application, _, _) -> {
            for (int i = 0; i < 5; i++) {
                application.tell("fast " + LONG);
                LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
            }
        });
    }

    /// Its own checkpoints will come: 100,000 frames of 4 KB are 400 MB.
    @Test
    void aWriterThatCheckpointsLateIsNotKeptOut() throws Exception {
        assertUnlocked((application, _, _) -> {
            application.tell("sql PRAGMA wal_autocheckpoint=100000");
            for (int i = 0; i < 2; i++) {
                application.tell("fast " + COMMITS);
            }
        });
    }

    /// Nobody but Holdfast copies back anything, and no pause comes in which to begin the WAL anew:
    /// between two commits if that succeeds once, or under the lock ([WriteLockTest]).
    @Test
    void theWalOfAWriterThatNeitherPausesNorCheckpointsBeginsAnew() throws Exception {
        Path database = database();
        InMemoryObjectStore store = new InMemoryObjectStore();
        try (Application application = Application.start(database, 1)) {
            application.tell("create 4096 0");
            FollowerOptions options = FollowedDatabase.options(database);
            FollowedDatabase followed =
                    FollowedDatabase.following(
                            FollowedDatabase.withWalLimit(8 << 20, options), store);
            byte[] first = walHeader();
            for (int i = 0; i < 100 && Arrays.equals(walHeader(), first); i++) {
                application.tell("fast " + LONG);
            }
            assertThat(walHeader()).as("%s", followed).isNotEqualTo(first);
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertThat(followed.hasRebasedMoreThanOnce()).as("%s", followed).isFalse();
            ArchivedHistory.assertHolds(application, store);
        }
    }

    /// On a busy machine each read may take so long, and still finds that the writer went on.
    @Test
    void aLongReadOfOursIsNoPauseOfTheWriter() throws Exception {
        Path database = database();
        InMemoryObjectStore store = new InMemoryObjectStore();
        AtomicLong spent = new AtomicLong();
        Timekeeper time =
                new Timekeeper(InstantSource.system(), () -> System.nanoTime() + spent.get());
        FollowerOptions options =
                FollowedDatabase.withWalLimit(8 << 20, FollowedDatabase.options(database));
        try (Application application = Application.start(database, 1)) {
            application.tell("create 4096 0");
            FollowedDatabase followed =
                    FollowedDatabase.start(
                            options,
                            store,
                            time,
                            FileActions.REAL,
                            event -> {
                                if (event instanceof FollowerEvent.Captured) {
                                    spent.addAndGet(LONG_READ.toNanos());
                                }
                            });
            followed.await(FollowerEvent.Following.class);
            for (int i = 0; i < 50 && !hasTriedToLand(followed); i++) {
                application.tell("fast " + LONG);
            }
            assertThat(hasTriedToLand(followed)).as("%s", followed).isTrue();
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertThat(followed.hasRebasedMoreThanOnce()).as("%s", followed).isFalse();
            ArchivedHistory.assertHolds(application, store);
        }
    }

    private static boolean hasTriedToLand(FollowedDatabase followed) {
        return followed.events().stream().anyMatch(FollowerEvent.TookOver.class::isInstance);
    }

    /// The reader keeps the WAL, and no lock of ours could help that.
    @Test
    void aLongWalThatAReaderKeepsIsNoReasonForTheWriteLock() throws Exception {
        assertUnlocked((application, reader, _) -> {
            begin(reader);
            application.tell("big 30");
            commitSlowly(application);
        });
    }

    @Test
    void aReaderThatKeepsTheWalOfAWriterThatNeitherPausesNorCheckpointsIsNoReasonEither()
            throws Exception {
        assertUnlocked((application, reader, _) -> {
            application.tell("sql PRAGMA wal_autocheckpoint=0");
            begin(reader);
            application.tell("fast " + 2 * COMMITS);
        });
    }

    /// Each of its transactions is more than may be left to copy under the lock.
    @Test
    void aReaderThatKeepsTheWalOfABulkWriterIsNoReasonForTheWriteLock() throws Exception {
        assertUnlocked((application, reader, _) -> {
            begin(reader);
            for (int i = 0; i < 40; i++) {
                application.tell("big 1");
            }
        });
    }

    /// Next to nothing is left to copy, but it can't be.
    @Test
    void aReaderOfTheEndOfALongWalIsNoReasonForTheWriteLock() throws Exception {
        assertUnlocked((application, old, recent) -> {
            begin(old);
            application.tell("big 30");
            begin(recent);
            application.tell("fast 3");
            old.tell("sql ROLLBACK");
            commitSlowly(application);
        });
    }

    /// Five minutes of Holdfast's clock, which goes a hundred times as fast as the reader's.
    @Test
    void aReaderOfAnOldSnapshotForMinutesHoldsUpNothingAndTheWalBeginsAnewAfterIt()
            throws Exception {
        InMemoryObjectStore store = new InMemoryObjectStore();
        Timekeeper time = new Timekeeper(InstantSource.system(), () -> 100 * System.nanoTime());
        try (Application application = Application.withCommits(database(), 1);
                Application reader = Application.start(database(), 2)) {
            FollowedDatabase followed = FollowedDatabase.start(database(), store, time);
            followed.await(FollowerEvent.SnapshotDone.class);
            reader.tell("open");
            begin(reader);
            // No lock of ours is waited for
            application.tell("sql PRAGMA busy_timeout=0");
            // Nobody but Holdfast copies back anything
            application.tell("sql PRAGMA wal_autocheckpoint=0");
            application.tell("big 9");
            byte[] header = walHeader();
            long end = time.nanoTime() + Duration.ofMinutes(5).toNanos();
            while (time.nanoTime() < end) {
                commitSlowly(application);
            }
            int commits = application.committed().size();
            assertThat(followed.awaitDurable(commits)).isEqualTo(commits);
            assertThat(walHeader()).isEqualTo(header);
            reader.tell("sql ROLLBACK");
            for (int i = 0; i < 100 && Arrays.equals(walHeader(), header); i++) {
                commitSlowly(application);
            }
            assertThat(walHeader()).as("%s", followed).isNotEqualTo(header);
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertThat(followed.events())
                    .noneMatch(FollowerEvent.Troubled.class::isInstance)
                    .noneMatch(FollowerEvent.TookOver.class::isInstance);
            assertThat(followed.hasRebasedMoreThanOnce()).as("%s", followed).isFalse();
            ArchivedHistory.assertHolds(application, store);
        }
    }

    private interface Work {
        void run(Application application, Application reader, Application second) throws Exception;
    }

    private void assertUnlocked(Work work) throws Exception {
        Path database = database();
        InMemoryObjectStore store = new InMemoryObjectStore();
        try (Application application = Application.withCommits(database, 1);
                Application reader = Application.start(database, 2);
                Application second = Application.start(database, 3)) {
            FollowedDatabase followed = FollowedDatabase.following(database, store);
            reader.tell("open");
            second.tell("open");
            work.run(application, reader, second);
            assertThat(followed.events())
                    .noneMatch(FollowerEvent.Braked.class::isInstance)
                    .noneMatch(FollowerEvent.TookOver.class::isInstance);
            reader.tell("close");
            second.tell("close");
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertThat(followed.hasRebasedMoreThanOnce()).as("%s", followed).isFalse();
            ArchivedHistory.assertHolds(application, store);
        }
    }

    private Path database() {
        return folder.resolve("app.db");
    }

    /// SQLite begins the file anew from its front, and never makes it shorter.
    private long walBytes() throws Exception {
        return Files.size(folder.resolve("app.db-wal"));
    }

    /// SQLite writes another with the first frame of each time it begins the file anew.
    private byte[] walHeader() throws Exception {
        try (InputStream wal = Files.newInputStream(folder.resolve("app.db-wal"))) {
            return wal.readNBytes(WalHeader.BYTES);
        }
    }

    private static void begin(Application reader) {
        reader.tell("sql BEGIN");
        reader.tell("sql SELECT count(*) FROM t");
    }

    private static void commitSlowly(Application application) {
        for (int i = 0; i < 40; i++) {
            application.tell("fast 1");
            // A writer that pauses is what is tried
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }
}
