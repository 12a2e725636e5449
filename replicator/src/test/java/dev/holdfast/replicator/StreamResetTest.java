package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.SegmentHeader;
import dev.holdfast.storage.InMemoryObjectStore;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

/// A log whose compressor begins anew, replayed from its first transaction across all of that.
final class StreamResetTest {
    private final long seed = Long.getLong("seed", System.nanoTime());
    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @TempDir private Path folder;

    /// As a database outgrows its window, a transaction is more than one segment holds otherwise,
    /// and a second run begins with an empty window. Each state is held against its checksum, and
    /// the last one page for page.
    @Test
    void everyTransactionIsReplayedAcrossAllWindows() throws Exception {
        System.getLogger(getClass().getName()).log(System.Logger.Level.INFO, "seed=" + seed);
        Path database = folder.resolve("app.db");
        try (Application application = Application.start(database, seed)) {
            application.tell("create 4096 1000");
            for (int run = 0; run < 2; run++) {
                try (FollowedDatabase followed = FollowedDatabase.following(database, store)) {
                    application.tell("run 100");
                    followed.awaitDurable(2);
                    application.tell("big 2");
                    application.tell("run 50");
                    application.tell("big 18");
                    application.tell("run 50");
                    assertThat(followed.stop().isAllDurable()).as("seed %d", seed).isTrue();
                    assertThat(followed.hasRebasedMoreThanOnce()).as("seed %d", seed).isFalse();
                }
            }
            ArchivedHistory.assertHolds(application, store);
            ArchivedHistory history = ArchivedHistory.read(store);
            assertThat(history.snapshotTx()).as("the only one").isEqualTo(1);
            assertThat(history.kinds())
                    .as("begun by the base, by growth, by the second run")
                    .filteredOn(SegmentHeader::isReset)
                    .hasSizeGreaterThanOrEqualTo(3);
        }
    }
}
