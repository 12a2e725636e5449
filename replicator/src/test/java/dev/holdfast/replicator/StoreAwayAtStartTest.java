package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ForwardingStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ReadOutcome;
import dev.holdfast.storage.state.StateFolder;
import dev.holdfast.storage.state.WriterIdentity;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// The first store is away when a run starts.
final class StoreAwayAtStartTest extends FollowedApplication {
    private final InMemoryObjectStore memory = new InMemoryObjectStore();
    private final OutageStore store = new OutageStore(memory, "near");

    /// Ships the first commits, so that the state folder knows the archive.
    private void shipFirst(ObjectStore... stores) {
        assertThat(start(stores).stop().isAllDurable()).isTrue();
    }

    private static long commit(Application application, FollowedDatabase followed) {
        long before = followed.await(FollowerEvent.Following.class).tx();
        application.tell("fast 3");
        return followed.await(FollowerEvent.Captured.class, captured -> captured.tx() >= before + 3)
                .tx();
    }

    /// A run without the store: what is committed is captured, and nothing of it durable.
    private FollowerEnd runWithout(Application application, ObjectStore... stores) {
        FollowedDatabase without = startInHaste(stores);
        long _ = commit(application, without);
        FollowerEnd end = without.stop();
        assertThat(end.isAllCaptured()).isTrue();
        assertThat(end.isAllDurable()).isFalse();
        return end;
    }

    @Test
    void everyCommitIsCapturedAndShippedWhenItIsBack() throws Exception {
        try (Application application = application()) {
            shipFirst(store);
            store.begin();
            for (int i = 0; i < 3; i++) {
                FollowerEnd _ = runWithout(application, store);
            }
            FollowedDatabase followed = start(store);
            long tx = commit(application, followed);
            store.end();
            assertThat(followed.awaitDurable(tx)).isGreaterThanOrEqualTo(tx);
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertThat(StoredLog.segments(memory))
                    .filteredOn(each -> each.kind() == SegmentHeader.Kind.REBASE)
                    .hasSize(1);
            ArchivedHistory.assertHolds(application, memory);
        }
    }

    @Test
    void oneThatHangsIsNoReasonToBeginMuchLater() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        ObjectStore hanging =
                new ForwardingStore(store) {
                    @Override
                    public ReadOutcome read(String name, long offset, ByteBuffer into)
                            throws IOException {
                        HeldStore.await(released);
                        return super.read(name, offset, into);
                    }
                };
        try (Application application = application()) {
            shipFirst(store);
            FollowedDatabase followed = start(hanging);
            long tx = commit(application, followed);
            released.countDown();
            assertThat(followed.awaitDurable(tx)).isGreaterThanOrEqualTo(tx);
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, memory);
        }
    }

    @Test
    void oneThatGoesAwayBetweenTwoRequestsOfTheStartIsNoReasonEither() throws Exception {
        ObjectStore withoutLists =
                new ForwardingStore(store) {
                    @Override
                    public ListPage list(String prefix, @Nullable String startAfter, int limit) {
                        throw new SidecarException.StorageUnavailable("no lists", "Wait.");
                    }
                };
        try (Application application = application()) {
            shipFirst(store);
            FollowerEnd _ = runWithout(application, withoutLists);
            shipFirst(store);
            ArchivedHistory.assertHolds(application, memory);
        }
    }

    @Test
    void deniedIsToldAndTriedAgainWhereItWasWrittenBefore() throws Exception {
        ObjectStore denied =
                new ForwardingStore(store) {
                    @Override
                    protected ObjectStore reached() {
                        throw new SidecarException.StorageDenied("here", "expired", "Renew it.");
                    }
                };
        try (Application application = application()) {
            shipFirst(store);
            FollowerEnd _ = runWithout(application, denied);
            shipFirst(store);
            ArchivedHistory.assertHolds(application, memory);
        }
    }

    @Test
    void bothMayBeAway() throws Exception {
        InMemoryObjectStore far = new InMemoryObjectStore();
        OutageStore second = new OutageStore(far, "far");
        try (Application application = application()) {
            shipFirst(store, second);
            store.begin();
            second.begin();
            FollowerEnd _ = runWithout(application, store, second);
            second.end();
            FollowedDatabase followed = startInHaste(store, second);
            long tx = commit(application, followed);
            assertThat(followed.awaitDurable("far", tx).tx()).isGreaterThanOrEqualTo(tx);
            assertThat(followed.stop().isAllDurable()).isFalse();
            ArchivedHistory.assertHolds(application, far);
            store.end();
            shipFirst(store, second);
            ArchivedHistory.assertHolds(application, memory);
        }
    }

    /// What it has of the new history can't be restored before a snapshot of that is there.
    @Test
    void aHistoryThatBeginsAnewMeanwhileIsDurableAfterItsSnapshot() throws Exception {
        try (Application application = application()) {
            shipFirst(store);
            Files.delete(folder().resolve("state").resolve("pages"));
            store.begin();
            application.tell("fast 3");
            FollowedDatabase followed = startInHaste(store);
            long _ = commit(application, followed);
            assertThat(followed.stop().isAllDurable()).isFalse();
            store.end();
            FollowedDatabase back = start(store);
            assertThat(back.stop().isAllDurable()).isTrue();
            assertThat(back.events())
                    .filteredOn(event ->
                            event instanceof FollowerEvent.Durable
                                    || event instanceof FollowerEvent.SnapshotDone)
                    .first()
                    .isInstanceOf(FollowerEvent.SnapshotDone.class);
            ArchivedHistory.assertHolds(application, memory);
        }
    }

    @Test
    void whoeverTookTheArchiveOverMeanwhileKeepsIt() throws Exception {
        try (Application application = application()) {
            shipFirst(store);
            FollowerOptions other =
                    FollowedDatabase.takingOver(
                            FollowedDatabase.options(database(), folder().resolve("other")));
            store.begin();
            FollowerEnd _ = runWithout(application, store);
            assertThat(FollowedDatabase.start(other, memory).stop().isAllDurable()).isTrue();
            List<SegmentHeader> theirs = StoredLog.segments(memory);
            FollowedDatabase followed = start(store);
            long _ = commit(application, followed);
            store.end();
            assertThatThrownBy(followed::awaitEnd).isInstanceOf(SidecarException.Fenced.class);
            assertThat(StoredLog.segments(memory)).isEqualTo(theirs);
        }
    }

    /// What was shipped is nowhere any more, and nothing can be shipped behind it: a run that goes
    /// on would only fill the disk.
    @Test
    void anArchiveThatIsGoneWhenItIsBackEndsTheRun() throws Exception {
        OutageStore empty = new OutageStore(new InMemoryObjectStore(), "near");
        try (Application application = application()) {
            shipFirst(store);
            FollowedDatabase.forgetSpool(options());
            empty.begin();
            FollowedDatabase followed = start(empty);
            long _ = commit(application, followed);
            empty.end();
            assertThatThrownBy(followed::awaitEnd)
                    .isInstanceOf(SidecarException.CorruptArchive.class);
        }
    }

    @Test
    void theFirstStartNeedsItAndLeavesNothing() {
        store.begin();
        try (Application _ = application()) {
            assertThatThrownBy(() -> start(store))
                    .isInstanceOf(SidecarException.StorageUnavailable.class);
            assertThat(folder().resolve("state")).doesNotExist();
        }
    }

    @Test
    void aStartThatTakesOverNeedsIt() {
        try (Application _ = application()) {
            shipFirst(store);
            store.begin();
            assertThatThrownBy(() ->
                            FollowedDatabase.start(FollowedDatabase.takingOver(options()), store))
                    .isInstanceOf(SidecarException.StorageUnavailable.class);
        }
    }

    /// Only the store knows whether the claim is there, with which history begins anew.
    @Test
    void aStartAfterATakeOverThatWasCutShortNeedsIt() throws Exception {
        ObjectStore cut =
                new ForwardingStore(store) {
                    @Override
                    public CreateOutcome create(String name, ObjectBody body) throws IOException {
                        assertThat(super.create(name, body)).isNotNull();
                        throw new SidecarException.StorageUnavailable("no answer", "Wait.");
                    }
                };
        try (Application application = application()) {
            shipFirst(store);
            Path other = folder().resolve("other");
            FollowerOptions options = FollowedDatabase.options(database(), other);
            assertThat(
                            FollowedDatabase.start(FollowedDatabase.takingOver(options), store)
                                    .stop()
                                    .isAllDurable())
                    .isTrue();
            assertThatThrownBy(() ->
                            FollowedDatabase.start(FollowedDatabase.takingOver(options()), cut))
                    .isInstanceOf(SidecarException.StorageUnavailable.class);
            assertThat(StateFolder.readIdentity(folder().resolve("state")))
                    .hasValueSatisfying(identity -> assertThat(identity.isClaiming()).isTrue());
            store.begin();
            assertThatThrownBy(() -> start(store))
                    .isInstanceOf(SidecarException.StorageUnavailable.class);
            store.end();
            shipFirst(store);
            assertThat(
                            StateFolder.readIdentity(folder().resolve("state"))
                                    .map(WriterIdentity::isClaiming))
                    .contains(false);
            ArchivedHistory.assertHolds(application, memory);
        }
    }

    @Test
    void anotherPlaceThanBeforeHasToBeThere() {
        try (Application _ = application()) {
            shipFirst(store);
            OutageStore elsewhere = new OutageStore(memory, "elsewhere");
            elsewhere.begin();
            assertThatThrownBy(() -> start(elsewhere))
                    .isInstanceOf(SidecarException.StorageUnavailable.class);
        }
    }
}
