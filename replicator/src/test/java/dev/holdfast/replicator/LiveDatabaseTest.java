package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;

final class LiveDatabaseTest {
    @TempDir private Path folder;

    @Test
    void afterTroubleTheWalStaysEvenIfWeAreTheLastToClose() throws Exception {
        LiveDatabase live = leftByItsApplication();
        live.closeKeepingWal();
        assertThat(wal()).isNotEmptyFile();
        try (Application application = Application.start(database(), 2)) {
            application.tell("open");
            assertThat(application.tell("sql PRAGMA user_version")).isEqualTo("[(5,)]");
        }
    }

    @Test
    void inPeaceTheLastToCloseRemovesTheWal() throws Exception {
        LiveDatabase live = leftByItsApplication();
        live.close();
        assertThat(wal()).doesNotExist();
    }

    /// A connection that was left open would pin the WAL for as long as Holdfast runs.
    @Test
    void allIsClosedEvenIfTheFileIsNotThereToBeOpenedAnew() throws Exception {
        LiveDatabase live = leftByItsApplication();
        Path elsewhere = folder.resolve("elsewhere.db");
        Files.move(database(), elsewhere);
        assertThatThrownBy(live::closeKeepingWal).isInstanceOf(LiveDatabaseException.class);
        Files.move(elsewhere, database());
        try (Application application = Application.start(database(), 2)) {
            application.tell("open");
            assertThat(application.tell("sql PRAGMA journal_mode=DELETE"))
                    .isEqualTo("[('delete',)]");
        }
    }

    /// A database whose application has closed it while we have it open, with commits in its WAL.
    private LiveDatabase leftByItsApplication() throws Exception {
        try (Application application = Application.withCommits(database(), 1)) {
            LiveDatabase live = LiveDatabase.open(database().toRealPath()).orElseThrow();
            application.tell("close");
            assertThat(wal()).isNotEmptyFile();
            return live;
        }
    }

    private Path database() {
        return folder.resolve("app.db");
    }

    private Path wal() {
        return LiveDatabase.sibling(database(), "-wal");
    }
}
