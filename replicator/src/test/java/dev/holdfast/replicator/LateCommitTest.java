package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.storage.FileActions;
import dev.holdfast.storage.InMemoryObjectStore;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// Where no guard can stand, as readers are on every other slot, the pin is let go for a
/// checkpointer of the application. Between the look that found it waiting and that moment its
/// checkpoint ends, something is committed, and the next one waits.
final class LateCommitTest {
    private static final String TRUNCATE = "sql PRAGMA wal_checkpoint(TRUNCATE)";

    /// From look to look at the clock: so little that nothing else comes due meanwhile.
    private static final long TICK_NANOS = 10_000;

    /// In which a checkpointer is taken for one that waits.
    private static final long PATIENCE_NANOS = Duration.ofMillis(20).toNanos();

    private enum Act {
        AHEAD,
        FIRST_WAITS,
        SEEN,
        SECOND_WAITS,
        OVER
    }

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final AtomicLong clock = new AtomicLong();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile Act act = Act.AHEAD;

    @TempDir private Path folder;
    private Application application;
    private Application first;
    private Application second;
    private List<Application> readers;

    @BeforeEach
    void start() {
        Path database = folder.resolve("app.db");
        application = Application.start(database, 1);
        application.tell("create 4096 0");
        application.tell("sql PRAGMA busy_timeout=0");
        first = opened(database);
        second = opened(database);
        readers = Stream.of(1, 2, 3).map(_ -> opened(database)).toList();
    }

    private static Application opened(Path database) {
        Application other = Application.start(database, 2);
        other.tell("open");
        return other;
    }

    @AfterEach
    void end() {
        application.close();
        first.close();
        second.close();
        readers.forEach(Application::close);
    }

    @Test
    void isReadBeforeThePinIsLetGo() throws Exception {
        Path database = folder.resolve("app.db");
        Timekeeper time = new Timekeeper(InstantSource.system(), this::look);
        try (FollowedDatabase followed =
                FollowedDatabase.start(
                        FollowedDatabase.options(database),
                        store,
                        time,
                        FileActions.REAL,
                        _ -> {})) {
            followed.await(FollowerEvent.SnapshotDone.class);
            for (Application reader : readers) {
                commit(followed);
                reader.tell("sql BEGIN");
                reader.tell("sql SELECT count(*) FROM t");
            }
            commit(followed);
            first.begin(TRUNCATE);
            awaitWaiting();
            act = Act.FIRST_WAITS;
            assertThat(over.await(2, TimeUnit.MINUTES)).as("%s, %s", act, followed).isTrue();
            assertThat(second.awaitDone()).as("%s", followed).isEqualTo("[(0, 0, 0)]");
            application.tell("fast 1");
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertThat(followed.hasRebasedMoreThanOnce()).as("%s", followed).isFalse();
            ArchivedHistory.assertHolds(application, store);
        }
    }

    private void commit(FollowedDatabase followed) {
        application.tell("fast 1");
        followed.await(FollowerEvent.Captured.class);
    }

    /// Until a checkpointer keeps all writers out.
    private void awaitWaiting() {
        while (application.tellUnlessLocked("sql BEGIN IMMEDIATE")) {
            application.tell("sql ROLLBACK");
        }
    }

    /// What happens at the looks of the capture thread. Nobody else looks once the first waits.
    private long look() {
        long now = clock.addAndGet(TICK_NANOS);
        return switch (act) {
            case AHEAD, OVER -> now;
            case FIRST_WAITS -> {
                act = isWithin("isDue") ? Act.SEEN : act;
                yield now;
            }
            case SEEN -> isWithin("isDue") ? overtake() : now;
            case SECOND_WAITS -> {
                if (isWithin("run")) {
                    letThrough();
                }
                yield clock.addAndGet(PATIENCE_NANOS);
            }
        };
    }

    private static boolean isWithin(String method) {
        return StackWalker.getInstance()
                .walk(frames ->
                        frames.anyMatch(frame ->
                                frame.getClassName().equals(StepAside.class.getName())
                                        && frame.getMethodName().equals(method)));
    }

    private long overtake() {
        first.kill();
        application.tell("fast 1");
        second.begin(TRUNCATE);
        awaitWaiting();
        act = Act.SECOND_WAITS;
        return clock.addAndGet(PATIENCE_NANOS);
    }

    private void letThrough() {
        act = Act.OVER;
        readers.forEach(reader -> reader.tell("sql ROLLBACK"));
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!second.hasReplied() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        over.countDown();
    }
}
