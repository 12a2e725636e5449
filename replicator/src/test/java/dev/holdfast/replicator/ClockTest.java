package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.Micros;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.storage.InMemoryObjectStore;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/// A machine whose clock is set while a follower is at work.
final class ClockTest {
    private static final int COMMITS = 5;

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final AtomicReference<Duration> offset = new AtomicReference<>(Duration.ZERO);

    @TempDir private Path folder;

    @Test
    void setBackAndForwardDelaysNothingAndTimesInTheArchiveNeverGoBack() throws Exception {
        Path database = folder.resolve("app.db");
        Timekeeper time = new Timekeeper(() -> Instant.now().plus(offset.get()), System::nanoTime);
        try (Application application = Application.start(database, 1)) {
            application.tell("create 4096 1000");
            FollowedDatabase followed = FollowedDatabase.start(database, store, time);
            try (followed) {
                followed.await(FollowerEvent.SnapshotDone.class);
                // A base, and the commit that the WAL had
                long tx = 2;
                for (Duration set : List.of(hours(0), hours(-1), hours(25), hours(0), hours(-1))) {
                    offset.set(set);
                    application.tell("fast " + COMMITS);
                    tx += COMMITS;
                    followed.awaitDurable(tx);
                    if (set.equals(hours(25)) && snapshots(followed) < 2) {
                        // Due by its age; set back too soon it would not be
                        followed.await(FollowerEvent.SnapshotDone.class);
                    }
                }
                assertThat(followed.stop().isAllDurable()).isTrue();
            }
            assertThat(snapshots(followed))
                    .as("one at the beginning, one when a day seemed to have passed")
                    .isEqualTo(2);
            assertTimesAscend(ArchivedHistory.read(store, 1).kinds());
            ArchivedHistory.assertHolds(application, store);
        }
    }

    private static Duration hours(int count) {
        return Duration.ofHours(count);
    }

    private static long snapshots(FollowedDatabase followed) {
        return followed.events().stream()
                .filter(FollowerEvent.SnapshotDone.class::isInstance)
                .count();
    }

    private static void assertTimesAscend(List<SegmentHeader> segments) {
        long before = 0;
        for (SegmentHeader segment : segments) {
            assertThat(segment.firstMicros()).isGreaterThan(before);
            assertThat(segment.lastMicros()).isGreaterThanOrEqualTo(segment.firstMicros());
            before = segment.lastMicros();
        }
        assertThat(before)
                .as("what was committed after the clock ran ahead has times of then")
                .isGreaterThan(Micros.of(Instant.now().plus(hours(24))));
    }
}
