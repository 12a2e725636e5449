package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.replicator.FollowerEvent.Captured;
import dev.holdfast.storage.ForwardingStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ReadOutcome;
import dev.holdfast.storage.state.FlushRequest;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// One of two destinations misses something, or takes long to be there.
final class LateDestinationTest extends FollowedApplication {
    private final InMemoryObjectStore near = new InMemoryObjectStore();
    private final InMemoryObjectStore far = new InMemoryObjectStore();
    private final OutageStore first = new OutageStore(near, "near");
    private final OutageStore second = new OutageStore(far, "far");
    private final CountDownLatch released = new CountDownLatch(1);

    /// The second, which hangs.
    private final ObjectStore hanging =
            new ForwardingStore(second) {
                @Override
                public ReadOutcome read(String name, long offset, ByteBuffer into)
                        throws IOException {
                    HeldStore.await(released);
                    return super.read(name, offset, into);
                }
            };

    /// The run after that knows the pages again, by the other's snapshot; the log still has no
    /// state checksum of its end.
    @Test
    void nothingIsDurableInOneThatMissedTheSnapshotAfterThePageMapWasLostBeforeItHasItsOwn()
            throws Exception {
        try (Application application = application()) {
            application.tell("fast 3");
            assertThat(start(first, second).stop().isAllDurable()).isTrue();
            Files.delete(folder().resolve("state").resolve("pages"));
            application.tell("fast 3");
            second.begin();
            FollowedDatabase without = startInHaste(first, second);
            FollowerEvent _ = without.await(FollowerEvent.SnapshotDone.class);
            FollowerEnd end = without.stop();
            assertThat(end.isAllDurable()).isFalse();
            second.end();
            FollowedDatabase followed = start(first, second);
            followed.awaitDurable("far", end.capturedTx());
            assertThat(followed.events())
                    .filteredOn(event -> event.toString().contains("store=far"))
                    .filteredOn(event ->
                            event instanceof FollowerEvent.Durable
                                    || event instanceof FollowerEvent.SnapshotDone)
                    .first()
                    .isInstanceOf(FollowerEvent.SnapshotDone.class);
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertThat(followed.hasRebasedMoreThanOnce()).isFalse();
            ArchivedHistory.assertHolds(application, far);
        }
    }

    /// Its first snapshot needs the database.
    @Test
    void aStopIsWholeThoughOneOfThemIsStillJoining() throws Exception {
        second.begin();
        try (Application application = application()) {
            FollowedDatabase without = startInHaste(first, second);
            without.awaitDurable("near", 1);
            assertThat(without.stop().isAllDurable()).isFalse();
            second.end();
            FollowedDatabase followed = start(first, hanging);
            FollowerEvent _ = followed.await(FollowerEvent.Following.class);
            followed.beginStop();
            LockSupport.parkNanos(Duration.ofMillis(300).toNanos()); // it would have left by then
            released.countDown();
            assertThat(followed.awaitEnd().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, far);
        }
    }

    @Test
    void oneThatIsNewAndHangsIsNoReasonToBeginLater() throws Exception {
        try (Application application = application();
                FollowedDatabase followed = start(first, hanging)) {
            followed.awaitDurable("near", 1);
            released.countDown();
            followed.awaitDurable("far", 1);
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, far);
        }
    }

    /// Each look costs requests: none is made sooner because the application goes on.
    @Test
    void aFlushDoesNotHaveOneThatIsRefusedAskedAtEachCommit() throws Exception {
        try (Application application = application()) {
            assertThat(start(first, second).stop().isAllDurable()).isTrue();
            AtomicInteger looks = new AtomicInteger();
            ObjectStore damaged =
                    new ForwardingStore(second) {
                        @Override
                        public ReadOutcome read(String name, long offset, ByteBuffer into) {
                            looks.incrementAndGet();
                            throw new SidecarException.CorruptArchive("damaged", "Wait.");
                        }
                    };
            FollowedDatabase followed =
                    FollowedDatabase.start(
                            FollowedDatabase.withGrace(Duration.ofMillis(500), options()),
                            first,
                            damaged);
            FollowerEvent _ = followed.await(FollowerEvent.Troubled.class);
            try (FlushRequest _ = FlushRequest.make(folder().resolve("state"), 1)) {
                for (int i = 0; i < 100; i++) {
                    application.tell("fast 1");
                    followed.awaitDurable("near", followed.await(Captured.class).tx());
                }
            }
            assertThat(looks).hasValueLessThan(20);
            assertThat(followed.stop().isAllDurable()).isFalse();
        }
    }

    /// A state folder has what was not shipped: to remove it is the last thing to do.
    @Test
    void whereTheFirstHasLostItsArchiveOneThatHasItIsNamed() throws Exception {
        try (Application application = application()) {
            application.tell("fast 3");
            assertThat(start(first, second).stop().isAllDurable()).isTrue();
            ObjectStore empty = new OutageStore(new InMemoryObjectStore(), "near");
            assertThatThrownBy(() -> start(empty, second))
                    .isInstanceOfSatisfying(
                            SidecarException.CorruptArchive.class,
                            e -> assertThat(e.remedy()).contains("name far first"));
        }
    }

    /// Each log object since then is asked for: of a bucket that takes its time.
    @Test
    void toFindOutHowOldTheSnapshotIsKeepsNoCommitWaiting() throws Exception {
        String early = ObjectNames.log(2);
        ObjectStore slow =
                new ForwardingStore(first) {
                    @Override
                    public ReadOutcome read(String name, long offset, ByteBuffer into)
                            throws IOException {
                        if (name.equals(early)) {
                            HeldStore.await(released);
                        }
                        return super.read(name, offset, into);
                    }
                };
        try (Application application = application()) {
            try (FollowedDatabase before = start(first)) {
                before.await(FollowerEvent.SnapshotDone.class);
                for (int i = 0; i < 5; i++) {
                    application.tell("fast 1");
                    before.awaitDurable(application.committed().size());
                }
                assertThat(before.stop().isAllDurable()).isTrue();
            }
            assertThat(StoredLog.names(near)).contains(early);
            FollowedDatabase.forgetSpool(options()); // what it has is not asked for
            FollowedDatabase followed = start(slow);
            application.tell("fast 1");
            long last = followed.await(FollowerEvent.Captured.class).tx();
            while (StoredLog.end(near).orElseThrow().last().lastTx() < last) {
                LockSupport.parkNanos(1_000_000);
            }
            assertThat(followed.events()).noneMatch(FollowerEvent.Durable.class::isInstance);
            released.countDown();
            followed.awaitDurable(last);
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, near);
        }
    }
}
