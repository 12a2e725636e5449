package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.failure.Reached;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ForwardingStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.archive.LogObject;
import dev.holdfast.storage.archive.TestArchive;
import dev.holdfast.storage.state.FlushRequest;
import dev.holdfast.storage.state.StateFolder;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/// Each destination has all, at its own pace; none waits for another.
final class SeveralDestinationsTest extends FollowedApplication {
    private final InMemoryObjectStore near = new InMemoryObjectStore();
    private final InMemoryObjectStore far = new InMemoryObjectStore();
    private final OutageStore first = new OutageStore(near, "near");
    private final OutageStore second = new OutageStore(far, "far");

    private static FollowerEvent.Troubled awaitTrouble(FollowedDatabase followed, String store) {
        return followed.await(
                FollowerEvent.Troubled.class,
                told -> told.part().equals(new FollowerEvent.Part.Store(store)));
    }

    private static long commit(Application application, FollowedDatabase followed) {
        application.tell("fast 1");
        return followed.await(FollowerEvent.Captured.class).tx();
    }

    private List<String> known() {
        return StateFolder.readIdentity(folder().resolve("state")).orElseThrow().stores();
    }

    @Test
    void eachHoldsEveryCommit() throws Exception {
        try (Application application = application();
                FollowedDatabase followed = start(first, second)) {
            application.tell("run 20");
            FollowerEnd end = followed.stop();
            assertThat(end.isAllDurable()).as("%s", end).isTrue();
            assertThat(end.reached()).extracting(Reached::store).containsExactly("near", "far");
            ArchivedHistory.assertHolds(application, near);
            ArchivedHistory.assertHolds(application, far);
            assertThat(known()).containsExactly("near", "far");
        }
    }

    @Test
    void oneThatIsAwayHoldsNoneBackAndGetsAllWhenItIsThere() throws Exception {
        second.begin();
        try (Application application = application();
                FollowedDatabase followed = start(first, second)) {
            followed.await(FollowerEvent.SnapshotDone.class);
            followed.awaitDurable("near", commit(application, followed));
            assertThat(awaitTrouble(followed, "far").what()).isEqualTo("the store is down");
            second.end();
            followed.await(FollowerEvent.SnapshotDone.class, done -> done.store().equals("far"));
            followed.awaitDurable("far", commit(application, followed));
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, near);
            ArchivedHistory.assertHolds(application, far);
            assertThat(followed.hasRebasedMoreThanOnce()).isFalse();
        }
    }

    @Test
    void oneThatGoesAwayHoldsNoneBackAndGoesOnFromWhereItWas() throws Exception {
        try (Application application = application();
                FollowedDatabase followed = start(first, second)) {
            for (String store : List.of("near", "far")) {
                followed.awaitDurable(store, 1);
            }
            second.begin();
            for (int i = 0; i < 5; i++) {
                followed.awaitDurable("near", commit(application, followed));
            }
            awaitTrouble(followed, "far");
            assertThat(followed.events())
                    .filteredOn(FollowerEvent.Troubled.class::isInstance)
                    .extracting(told -> ((FollowerEvent.Troubled) told).part())
                    .containsOnly(new FollowerEvent.Part.Store("far"));
            second.end();
            followed.awaitDurable("far", commit(application, followed));
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, near);
            ArchivedHistory.assertHolds(application, far);
        }
    }

    @Test
    void oneThatWasAwayForAWholeRunGetsAllInTheNext() throws Exception {
        second.begin();
        try (Application application = application()) {
            FollowedDatabase followed =
                    FollowedDatabase.start(
                            FollowedDatabase.withGrace(Duration.ofMillis(500), options()),
                            first,
                            second);
            followed.awaitDurable("near", 1);
            followed.awaitDurable("near", commit(application, followed));
            FollowerEnd end = followed.stop();
            assertThat(end.isAllDurable()).isFalse();
            assertThat(end.behind())
                    .singleElement()
                    .matches(behind -> behind.store().equals("far"))
                    .matches(behind -> !behind.isJoined());
            second.end();
            FollowedDatabase again = start(first, second);
            application.tell("run 5");
            assertThat(again.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, near);
            ArchivedHistory.assertHolds(application, far);
        }
    }

    /// What came before its snapshot can't be restored from it.
    @Test
    void nothingIsDurableInOneThatJoinsLateBeforeItHasASnapshot() throws Exception {
        second.begin();
        CountDownLatch released = new CountDownLatch(1);
        ObjectStore held =
                new ForwardingStore(second) {
                    @Override
                    public ObjectUpload upload(String name) throws IOException {
                        HeldStore.await(released);
                        return super.upload(name);
                    }
                };
        try (Application application = application();
                FollowedDatabase followed = start(first, held)) {
            followed.await(FollowerEvent.SnapshotDone.class);
            second.end();
            long last = commit(application, followed);
            followed.awaitDurable("near", last);
            followed.await(FollowerEvent.SnapshotBegan.class, began -> began.store().equals("far"));
            assertThat(followed.events())
                    .filteredOn(FollowerEvent.Durable.class::isInstance)
                    .extracting(told -> ((FollowerEvent.Durable) told).store())
                    .containsOnly("near");
            released.countDown();
            followed.awaitDurable("far", last);
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, far);
        }
    }

    /// Commits that came while the page map was not known have no state checksum: its snapshot of
    /// before leads to none of them.
    @Test
    void nothingIsDurableInOneThatJoinsAfterThePageMapWasLostBeforeItHasANewSnapshot()
            throws Exception {
        try (Application application = application()) {
            application.tell("fast 3");
            assertThat(start(first, second).stop().isAllDurable()).isTrue();
            Files.delete(folder().resolve("state").resolve("pages"));
            application.tell("fast 3");
            second.begin();
            FollowedDatabase followed = start(first, second);
            followed.await(FollowerEvent.SnapshotDone.class);
            long last = commit(application, followed);
            second.end();
            followed.awaitDurable("far", last);
            assertThat(followed.events())
                    .filteredOn(event ->
                            event instanceof FollowerEvent.Durable
                                    || event instanceof FollowerEvent.SnapshotDone)
                    .filteredOn(event -> event.toString().contains("store=far"))
                    .first()
                    .isInstanceOf(FollowerEvent.SnapshotDone.class);
            assertThat(followed.hasRebasedMoreThanOnce()).isFalse();
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, far);
        }
    }

    @Test
    void aSlowOneKeepsNoneWaiting() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        ObjectStore slow =
                new ForwardingStore(second) {
                    @Override
                    public CreateOutcome create(String name, ObjectBody body) throws IOException {
                        HeldStore.await(released);
                        return super.create(name, body);
                    }
                };
        // It joins in its own time only where it was known before
        try (Application application = application()) {
            assertThat(start(first, second).stop().isAllDurable()).isTrue();
            FollowedDatabase followed = start(first, slow);
            for (int i = 0; i < 10; i++) {
                followed.awaitDurable("near", commit(application, followed));
            }
            released.countDown();
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, near);
            ArchivedHistory.assertHolds(application, far);
        }
    }

    private static void fillWithAnother(InMemoryObjectStore store) throws IOException {
        try (TestArchive other = new TestArchive(store, 6, new PageSize(4096), Codec.ZSTD)) {
            other.rebase(RebaseReason.FIRST, 3);
            other.ship();
        }
    }

    @Test
    void aNewOneThatHoldsAnotherArchiveIsRefusedAndTriedAgainAsANewOne() throws Exception {
        fillWithAnother(far);
        List<String> before = StoredLog.names(far);
        try (Application application = application()) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> start(first, second))
                        .isInstanceOf(SidecarException.BadUsage.class)
                        .hasMessageStartingWith("far holds archive ");
            }
            assertThat(StoredLog.names(far)).isEqualTo(before);
            FollowedDatabase alone = start(first);
            application.tell("run 3");
            assertThat(alone.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, near);
        }
    }

    @Test
    void onePlaceUnderTwoNamesIsRefusedWheneverItIsNew() throws Exception {
        ObjectStore otherName = new OutageStore(near.another(), "near by another name");
        ObjectStore third = new OutageStore(far.another(), "far by another name");
        try (Application application = application()) {
            for (int i = 0; i < 2; i++) {
                assertOnePlace("near by another name", first, otherName);
                assertOnePlace("far", first, second, third);
            }
            FollowedDatabase right = start(first, second);
            application.tell("run 3");
            assertThat(right.stop().isAllDurable()).isTrue();
            assertOnePlace("far by another name", first, second, third);
            assertOnePlace("near by another name", first, otherName);
            ArchivedHistory.assertHolds(application, far);
        }
    }

    /// It was away when it was new.
    @Test
    void aSecondNameThatIsFoundLateIsNeverCalledDurable() throws Exception {
        OutageStore otherName = new OutageStore(near.another(), "near by another name");
        otherName.begin();
        try (Application application = application()) {
            FollowedDatabase away = startInHaste(first, otherName);
            away.awaitDurable("near", commit(application, away));
            otherName.end();
            assertThat(awaitSecondName(away).location()).isEqualTo("near by another name");
            assertThat(away.stop().isAllDurable()).isFalse();
            FollowedDatabase again = startInHaste(first, otherName);
            assertThat(awaitSecondName(again).location()).isEqualTo("near by another name");
            again.awaitDurable("near", commit(application, again));
            assertThat(again.stop().behind())
                    .singleElement()
                    .matches(behind -> behind.store().equals("near by another name"));
            assertThat(again.events())
                    .noneMatch(event ->
                            event instanceof FollowerEvent.Durable told
                                    && told.store().equals("near by another name"));
        }
    }

    /// Both were away when they were new: one of them is as good as the other.
    @Test
    void ofTwoNamesOfOnePlaceOneIsLeft() throws Exception {
        OutageStore otherName = new OutageStore(far.another(), "far by another name");
        second.begin();
        otherName.begin();
        try (Application application = application()) {
            FollowedDatabase away = startInHaste(first, second, otherName);
            away.awaitDurable("near", commit(application, away));
            assertThat(away.stop().isAllDurable()).isFalse();
            second.end();
            otherName.end();
            FollowedDatabase followed = startInHaste(first, second, otherName);
            assertThat(awaitSecondName(followed).location()).isEqualTo("far by another name");
            followed.awaitDurable("far", commit(application, followed));
            assertThat(followed.stop().behind())
                    .singleElement()
                    .matches(behind -> behind.store().equals("far by another name"));
            ArchivedHistory.assertHolds(application, far);
        }
    }

    private static FollowerEvent.Part.Store awaitSecondName(FollowedDatabase followed) {
        FollowerEvent.Troubled told =
                followed.await(
                        FollowerEvent.Troubled.class,
                        it -> it.what().endsWith("the two are one place under two names"));
        return (FollowerEvent.Part.Store) told.part();
    }

    private void assertOnePlace(String fresh, ObjectStore... stores) {
        assertThatThrownBy(() -> start(stores))
                .isInstanceOf(SidecarException.BadUsage.class)
                .hasMessageStartingWith("what is put into " + fresh + " is seen in ")
                .hasMessageEndingWith("the two are one place under two names");
        for (InMemoryObjectStore store : List.of(near, far)) {
            assertThat(StoredLog.names(store)).noneMatch(name -> name.startsWith("probe"));
        }
    }

    /// Nothing is captured of a database that is not there yet.
    @Test
    void aCopyThatWasLeftOutOnceIsNoSecondName() throws Exception {
        for (ObjectStore[] stores :
                new ObjectStore[][] {{first, second}, {first}, {first, second}}) {
            assertThat(start(stores).stop().isAllDurable()).isTrue();
        }
    }

    /// Nothing was made in the second, so it is not taken for the first by another name.
    @Test
    void aMistakeInTheThirdOfThemIsCorrectedAtTheNextStart() throws Exception {
        InMemoryObjectStore wrong = new InMemoryObjectStore();
        fillWithAnother(wrong);
        ObjectStore third = new OutageStore(wrong, "mistaken");
        try (Application application = application()) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> start(first, second, third))
                        .isInstanceOf(SidecarException.BadUsage.class)
                        .hasMessageStartingWith("mistaken holds archive ");
                assertThat(StoredLog.names(far)).isEmpty();
            }
            FollowedDatabase right =
                    start(first, second, new OutageStore(new InMemoryObjectStore(), "corrected"));
            application.tell("run 3");
            assertThat(right.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, far);
        }
    }

    /// What belongs there is here, and the other has it.
    @ParameterizedTest
    @ValueSource(strings = {"digest", "body", "header"})
    void damageInTheFirstIsNoReasonToStopEither(String where) throws Exception {
        try (Application application = application()) {
            application.tell("fast 3");
            assertThat(start(first, second).stop().isAllDurable()).isTrue();
            LogObject object = StoredLog.end(near).orElseThrow().object();
            String newest = object.name();
            int fromEnd =
                    switch (where) {
                        case "digest" -> 1;
                        case "body" -> 40;
                        default -> (int) object.bytes() - 20;
                    };
            StoredLog.damage(near, newest, fromEnd);
            assertThatThrownBy(() -> start(first))
                    .isInstanceOf(SidecarException.CorruptArchive.class)
                    .hasMessageStartingWith(newest);
            FollowedDatabase followed = startInHaste(first, second);
            assertThat(awaitTrouble(followed, "near").what()).startsWith(newest);
            followed.awaitDurable("far", commit(application, followed));
            assertThat(followed.stop().behind())
                    .singleElement()
                    .matches(behind -> behind.store().equals("near"));
            assertThat(near.delete(newest)).isNotNull();
            assertThat(start(first, second).stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, near);
        }
    }

    /// To stop shipping to the other would be the greater loss.
    @Test
    void aKnownOneInWhosePlaceAnotherArchiveIsFoundIsNoReasonToStop() throws Exception {
        try (Application application = application()) {
            assertThat(start(first, second).stop().isAllDurable()).isTrue();
            InMemoryObjectStore other = new InMemoryObjectStore();
            fillWithAnother(other);
            FollowedDatabase followed =
                    FollowedDatabase.start(
                            FollowedDatabase.withGrace(Duration.ofMillis(500), options()),
                            first,
                            new OutageStore(other, "far"));
            assertThat(awaitTrouble(followed, "far").what()).startsWith("far holds archive ");
            followed.awaitDurable("near", commit(application, followed));
            assertThat(followed.stop().behind())
                    .singleElement()
                    .matches(behind -> behind.store().equals("far"));
            ArchivedHistory.assertHolds(application, near);
        }
    }

    @Test
    void damageInOneOfThemIsNoReasonToStop() throws Exception {
        try (Application application = application();
                FollowedDatabase followed =
                        FollowedDatabase.start(
                                FollowedDatabase.withGrace(Duration.ofMillis(500), options()),
                                first,
                                second)) {
            followed.await(FollowerEvent.SnapshotDone.class, done -> done.store().equals("far"));
            long last = commit(application, followed);
            long seq = followed.awaitDurable("far", last).seq();
            ObjectBody garbage = ObjectBody.of(ByteBuffer.allocate(500));
            assertThat(far.create(ObjectNames.log(seq + 1), garbage))
                    .isInstanceOf(CreateOutcome.Created.class);
            for (int i = 0; i < 5; i++) {
                followed.awaitDurable("near", commit(application, followed));
            }
            assertThat(awaitTrouble(followed, "far").what()).contains(ObjectNames.log(seq + 1));
            assertThat(followed.stop().behind())
                    .singleElement()
                    .matches(behind -> behind.durableTx() == last);
            ArchivedHistory.assertHolds(application, near);
        }
    }

    @Test
    void anotherWriterInOneOfThemEndsTheRun() throws Exception {
        try (Application application = application()) {
            assertThat(start(first, second).stop().isAllDurable()).isTrue();
            application.tell("run 3");
            Path elsewhere = folder().resolve("elsewhere");
            try (FollowedDatabase other =
                    FollowedDatabase.start(
                            FollowedDatabase.takingOver(
                                    FollowedDatabase.options(database(), elsewhere)),
                            second)) {
                application.tell("run 3");
                assertThat(other.stop().isAllDurable()).isTrue();
            }
            FollowedDatabase followed = start(first, second);
            assertThatThrownBy(followed::awaitEnd)
                    .isInstanceOf(SidecarException.Fenced.class)
                    .hasMessageContaining("has the archive in far");
            ArchivedHistory.assertHolds(application, far);
        }
    }

    @Test
    void aFlushWaitsForAllOfThem() throws Exception {
        try (Application application = application();
                FollowedDatabase followed = start(first, second)) {
            followed.awaitDurable("near", 1);
            followed.awaitDurable("far", 1);
            second.begin();
            long last = commit(application, followed);
            followed.awaitDurable("near", last);
            try (FlushRequest request = FlushRequest.make(folder().resolve("state"), 1)) {
                awaitTrouble(followed, "far");
                assertThat(request.answer()).isEmpty();
                second.end();
                followed.awaitDurable("far", last);
                while (request.answer().isEmpty()) {
                    LockSupport.parkNanos(1_000_000);
                }
                assertThat(request.answer().orElseThrow().tx()).isGreaterThanOrEqualTo(last);
            }
            assertThat(followed.stop().isAllDurable()).isTrue();
        }
    }

    /// The claim is shipped to each.
    @Test
    void whatIsTakenOverIsTakenOverInAllOfThem() throws Exception {
        try (Application application = application()) {
            assertThat(start(first, second).stop().isAllDurable()).isTrue();
            FollowedDatabase after =
                    FollowedDatabase.start(
                            FollowedDatabase.takingOver(
                                    FollowedDatabase.options(
                                            database(), folder().resolve("elsewhere"))),
                            first,
                            second);
            application.tell("run 3");
            assertThat(after.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, near);
            ArchivedHistory.assertHolds(application, far);
            assertThatThrownBy(() -> start(first, second))
                    .isInstanceOf(SidecarException.Fenced.class);
        }
    }
}
