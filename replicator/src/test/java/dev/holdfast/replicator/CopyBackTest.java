package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.storage.InMemoryObjectStore;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;

final class CopyBackTest {
    /// Of which the WAL gets two frames each: 470 MB, if it never began anew.
    private static final int COMMITS = 60_000;

    /// Several times what it needs: how fast either side is depends on the machine.
    private static final long MOST_BYTES = 200 << 20;

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
}
