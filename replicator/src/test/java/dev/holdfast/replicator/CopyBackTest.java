package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.storage.InMemoryObjectStore;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

final class CopyBackTest {
    /// Of which the WAL gets two frames each: 310 MB, if it never began anew.
    private static final int COMMITS = 40_000;

    /// Several times what it needs: how fast either side is depends on the machine.
    private static final long MOST_BYTES = 220 << 20;

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(ints = {0, 1000})
    void theWalOfAWriterThatNeverPausesIsBounded(int autocheckpoint) throws Exception {
        Path database = folder.resolve("app.db");
        InMemoryObjectStore store = new InMemoryObjectStore();
        try (Application application = Application.start(database, 1)) {
            application.tell("create 4096 " + autocheckpoint);
            FollowedDatabase followed = FollowedDatabase.following(database, store);
            application.tell("fast " + COMMITS);
            // SQLite begins the file anew from its front, and never makes it shorter
            assertThat(Files.size(folder.resolve("app.db-wal"))).isLessThan(MOST_BYTES);
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertThat(followed.hasRebasedMoreThanOnce()).as("%s", followed).isFalse();
            ArchivedHistory.assertHolds(application, store);
        }
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

    private interface Work {
        void run(Application application, Application reader, Application second);
    }

    private void assertUnlocked(Work work) throws Exception {
        Path database = folder.resolve("app.db");
        InMemoryObjectStore store = new InMemoryObjectStore();
        try (Application application = Application.start(database, 1);
                Application reader = Application.start(database, 2);
                Application second = Application.start(database, 3)) {
            application.tell("create 4096 1000");
            application.tell("run 5");
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
            ArchivedHistory.assertHolds(application, store);
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
