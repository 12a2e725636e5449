package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.storage.InMemoryObjectStore;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

final class IdleTest {
    private static final Duration WINDOW = Duration.ofSeconds(2);
    private static final int WINDOWS = 60;

    /// A follower that polls looks at the clock some thousand times in a window, one that rests
    /// about twenty times.
    private static final long FEW = 200;

    private final LongAdder looks = new LongAdder();

    @TempDir Path folder;

    @Test
    void aDatabaseThatIsIdleIsLeftAloneAgainAfterEveryCommit() throws Exception {
        Path database = folder.resolve("app.db");
        InMemoryObjectStore store = new InMemoryObjectStore();
        Timekeeper time = new Timekeeper(InstantSource.system(), this::look);
        try (Application application = Application.start(database, 1)) {
            application.tell("create 4096 1000");
            FollowedDatabase followed = FollowedDatabase.start(database, store, time);
            followed.await(FollowerEvent.SnapshotDone.class);
            for (int i = 0; i < 3; i++) {
                application.tell("run 1");
                awaitRest(i);
            }
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, store);
        }
    }

    private long look() {
        looks.increment();
        return System.nanoTime();
    }

    private void awaitRest(int commit) {
        long seen = Long.MAX_VALUE;
        for (int i = 0; i < WINDOWS && seen > FEW; i++) {
            looks.reset();
            LockSupport.parkNanos(WINDOW.toNanos());
            seen = looks.sum();
        }
        assertThat(seen).as("looks at the clock after commit %d", commit).isLessThanOrEqualTo(FEW);
    }
}
