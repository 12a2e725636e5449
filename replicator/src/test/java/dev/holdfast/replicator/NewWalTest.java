package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.SegmentHeader;
import dev.holdfast.storage.FileActions;
import dev.holdfast.storage.InMemoryObjectStore;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// The WAL begins anew, and nothing is shipped: an upload is long under way, or the budget is used
/// up. If application and Holdfast are killed then, and frames of the new WAL are in the database
/// file, only what was forced of it proves that nothing was missed before.
final class NewWalTest {
    /// From look to look at the clock: so little that nothing comes due.
    private static final long TICK_NANOS = 1;

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final AtomicLong clock = new AtomicLong();

    @TempDir private Path folder;

    @Test
    void itsFirstCommitsAreForcedBeforeTheyCanBeCopiedBack() throws Exception {
        Path database = folder.resolve("app.db");
        Path state = folder.resolve("state");
        Timekeeper time = new Timekeeper(InstantSource.system(), () -> clock.addAndGet(TICK_NANOS));
        try (Application application = Application.start(database, 1)) {
            application.tell("create 4096 0");
            FollowedDatabase followed =
                    FollowedDatabase.start(
                            FollowedDatabase.options(database, state),
                            List.of(
                                    new DestinationOptions(
                                            store, new UploadRate(Duration.ofHours(1), 1))),
                            time,
                            FileActions.REAL,
                            _ -> {});
            followed.await(FollowerEvent.SnapshotDone.class);
            long tx = commit(application, followed);
            int salt = salt(database);
            while (salt(database) == salt) {
                application.tell("sql PRAGMA wal_checkpoint(PASSIVE)");
                tx = commit(application, followed);
            }
            assertThat(spooledTx(state, tx)).isEqualTo(tx);
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, store);
        }
    }

    private static long commit(Application application, FollowedDatabase followed) {
        application.tell("fast 1");
        return followed.await(FollowerEvent.Captured.class).tx();
    }

    /// Drawn anew with each reset of the WAL.
    private static int salt(Path database) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(32);
        try (FileChannel wal = FileChannel.open(LiveDatabase.sibling(database, "-wal"))) {
            assertThat(wal.read(header, 0)).isEqualTo(header.capacity());
        }
        return header.getInt(16);
    }

    /// The last transaction that was forced; waited for.
    private static long spooledTx(Path state, long wanted) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        long found = 0;
        while (found < wanted && System.nanoTime() < deadline) {
            found = SpoolStatus.read(state, 0).last().map(SegmentHeader::lastTx).orElse(0L);
            LockSupport.parkNanos(5_000_000);
        }
        return found;
    }
}
