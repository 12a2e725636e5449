package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.ForwardingStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.ReadOutcome;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// A destination that lacks what this machine does not have any more gets it from another.
final class FilledDestinationTest extends FollowedApplication {
    private final InMemoryObjectStore near = new InMemoryObjectStore();
    private final InMemoryObjectStore far = new InMemoryObjectStore();
    private final OutageStore first = new OutageStore(near, "near");
    private final OutageStore second = new OutageStore(far, "far");

    /// Some runs, of which nothing is left on this machine.
    private Application shipped() {
        Application application = application();
        for (int i = 0; i < 3; i++) {
            application.tell("fast 5");
            assertThat(start(first).stop().isAllDurable()).isTrue();
        }
        forgetSpool();
        return application;
    }

    private void forgetSpool() {
        FollowedDatabase.forgetSpool(options());
    }

    private void assertBothHold(Application application) throws Exception {
        ArchivedHistory.assertHolds(application, near);
        ArchivedHistory.assertHolds(application, far);
        assertThat(StoredLog.end(far))
                .map(end -> end.digest())
                .isEqualTo(StoredLog.end(near).map(end -> end.digest()));
    }

    @Test
    void oneThatIsAddedLaterGetsAllThatWasBefore() throws Exception {
        try (Application application = shipped()) {
            FollowedDatabase followed = start(first, second);
            FollowerEvent.Filled filled = followed.await(FollowerEvent.Filled.class);
            assertThat(filled.store()).isEqualTo("far");
            assertThat(filled.from()).isEqualTo("near");
            application.tell("fast 5");
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertBothHold(application);
            assertThat(StoredLog.segments(far))
                    .filteredOn(each -> each.kind() == SegmentHeader.Kind.REBASE)
                    .hasSize(1);
        }
    }

    /// All of the log is still here, but not the database as it was.
    @Test
    void oneThatIsAddedLaterGetsTheSnapshotsThatAreOlderThanItsOwnFirst() throws Exception {
        try (Application application = application()) {
            application.tell("fast 5");
            assertThat(start(first).stop().isAllDurable()).isTrue();
            application.tell("fast 5");
            FollowedDatabase followed = start(first, second);
            FollowerEvent.Filled filled = followed.await(FollowerEvent.Filled.class);
            assertThat(filled.store()).isEqualTo("far");
            assertThat(filled.objects()).isEqualTo(1);
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertBothHold(application);
            assertThat(oldestSnapshot(far)).isEqualTo(oldestSnapshot(near));
            FollowedDatabase again = start(first, second);
            application.tell("fast 5");
            assertThat(again.stop().isAllDurable()).isTrue();
            assertThat(again.events()).noneMatch(FollowerEvent.Filled.class::isInstance);
        }
    }

    /// An old one may lie in an archive class, and is asked for once in a run.
    @Test
    void anOlderSnapshotThatIsNotGivenIsToldAndTheOthersAreCopied() throws Exception {
        try (Application application = application()) {
            for (int i = 0; i < 3; i++) {
                application.tell("fast 5");
                assertThat(start(first).stop().isAllDurable()).isTrue();
                Files.delete(folder().resolve("state").resolve("pages"));
            }
            List<String> snapshots = snapshots(near);
            assertThat(snapshots).hasSize(3);
            AtomicInteger asked = new AtomicInteger();
            ObjectStore archived =
                    new ForwardingStore(first) {
                        @Override
                        public ReadOutcome read(String name, long offset, ByteBuffer into)
                                throws IOException {
                            if (name.equals(snapshots.get(1))) {
                                asked.incrementAndGet();
                                throw new SidecarException.StorageDenied(
                                        "near", name, "Bring it back.");
                            }
                            return super.read(name, offset, into);
                        }
                    };
            application.tell("fast 5");
            FollowedDatabase followed = start(archived, second);
            assertThat(followed.await(FollowerEvent.Filled.class).objects()).isEqualTo(2);
            assertThat(followed.events())
                    .anyMatch(it ->
                            it instanceof FollowerEvent.Troubled told
                                    && told.what().equals(snapshots.get(1)));
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertThat(asked).hasValue(1);
            assertThat(snapshots(far))
                    .contains(snapshots.getFirst(), snapshots.getLast())
                    .doesNotContain(snapshots.get(1));
        }
    }

    private static List<String> snapshots(InMemoryObjectStore store) {
        return StoredLog.names(store).stream()
                .filter(each -> each.startsWith(ObjectNames.SNAPSHOTS))
                .toList();
    }

    /// The log is filled, and then comes a kill.
    @Test
    void snapshotsThatAnInterruptedFillingHasLeftOutAreCopiedLater() throws Exception {
        try (Application application = shipped()) {
            assertThat(start(first, second).stop().isAllDurable()).isTrue();
            for (String name : StoredLog.names(far)) {
                if (name.startsWith(ObjectNames.SNAPSHOTS)) {
                    assertThat(far.delete(name)).isNotNull();
                }
            }
            application.tell("fast 5");
            FollowedDatabase followed = start(first, second);
            assertThat(followed.await(FollowerEvent.Filled.class).store()).isEqualTo("far");
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertThat(oldestSnapshot(far)).isEqualTo(oldestSnapshot(near));
        }
    }

    private static ByteBuffer oldestSnapshot(InMemoryObjectStore store) {
        String name = snapshots(store).getFirst();
        ByteBuffer bytes = ByteBuffer.allocate(1 << 20);
        assertThat(store.read(name, 0, bytes)).isNotNull();
        return bytes.flip();
    }

    @Test
    void oneThatWasEmptiedGetsAllAgain() throws Exception {
        try (Application application = shipped()) {
            assertThat(start(first, second).stop().isAllDurable()).isTrue();
            forgetSpool();
            for (String name : StoredLog.names(far)) {
                assertThat(far.delete(name)).isNotNull();
            }
            application.tell("fast 5");
            assertThat(start(first, second).stop().isAllDurable()).isTrue();
            assertBothHold(application);
        }
    }

    @Test
    void theFirstItselfWaitsForOneThatHasItIfItIsAwayAtTheStart() throws Exception {
        try (Application application = shipped()) {
            assertThat(start(first, second).stop().isAllDurable()).isTrue();
            forgetSpool();
            first.begin();
            FollowedDatabase followed = start(first, second);
            FollowerEvent.Following following = followed.await(FollowerEvent.Following.class);
            application.tell("fast 5");
            assertThat(followed.awaitDurable("far", following.tx() + 5)).isNotNull();
            for (String name : StoredLog.names(near)) {
                assertThat(near.delete(name)).isNotNull();
            }
            first.end();
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertBothHold(application);
        }
    }

    /// Nothing of that is spread, and the rest goes on.
    @Test
    void damageInTheOtherIsATrouble() throws Exception {
        try (Application application = shipped()) {
            String name = ObjectNames.log(1);
            ByteBuffer bytes = ByteBuffer.allocate(1 << 20);
            assertThat(near.read(name, 0, bytes)).isNotNull();
            byte[] damaged = new byte[bytes.flip().limit()];
            bytes.get(damaged);
            damaged[damaged.length / 2] ^= 1;
            assertThat(near.delete(name)).isNotNull();
            assertThat(near.create(name, ObjectBody.of(ByteBuffer.wrap(damaged)))).isNotNull();
            FollowedDatabase followed = startInHaste(first, second);
            FollowerEvent _ =
                    followed.await(FollowerEvent.Troubled.class, it -> it.what().contains(name));
            FollowerEvent.Following following =
                    followed.events().stream()
                            .filter(FollowerEvent.Following.class::isInstance)
                            .map(FollowerEvent.Following.class::cast)
                            .findFirst()
                            .orElseGet(() -> followed.await(FollowerEvent.Following.class));
            application.tell("fast 5");
            assertThat(followed.awaitDurable("near", following.tx() + 5)).isNotNull();
            assertThat(followed.stop().isAllDurable()).isFalse();
            assertThat(StoredLog.names(far)).noneMatch(it -> it.startsWith(ObjectNames.LOG));
        }
    }

    @Test
    void aStopInTheMidstOfItIsGoneOnFrom() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        ObjectStore slow =
                new ForwardingStore(second) {
                    @Override
                    public ObjectUpload upload(String name) throws IOException {
                        if (!name.equals(ObjectNames.log(1))) {
                            HeldStore.await(released);
                        }
                        return super.upload(name);
                    }
                };
        try (Application application = shipped()) {
            FollowedDatabase followed = startInHaste(first, slow);
            FollowerEvent _ = followed.await(FollowerEvent.Filling.class);
            followed.beginStop();
            released.countDown();
            FollowerEnd _ = followed.awaitEnd();
            application.tell("fast 5");
            assertThat(start(first, second).stop().isAllDurable()).isTrue();
            assertBothHold(application);
        }
    }
}
