package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.Digest;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogReader;
import dev.holdfast.storage.archive.OpenOutcome;
import dev.holdfast.storage.seal.Identity;
import dev.holdfast.storage.state.KeyRotation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A follower that has nothing but the public half of an identity.
final class SealedFollowerTest {
    private final long seed = Long.getLong("seed", System.nanoTime());
    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final Identity reader = Identity.generate();

    @TempDir private Path folder;

    private Path database() {
        return folder.resolve("app.db");
    }

    private FollowerOptions clear() {
        return FollowedDatabase.options(database());
    }

    private FollowerOptions sealed() {
        return clear().sealedFor(List.of(reader.recipient()));
    }

    private void follow(Application application, FollowerOptions options, int commits)
            throws Exception {
        try (FollowedDatabase followed = FollowedDatabase.start(options, store)) {
            followed.await(FollowerEvent.Following.class);
            application.tell("run " + commits);
            followed.awaitDurable(1);
            assertThat(followed.stop().isAllDurable()).as("seed %d", seed).isTrue();
            assertThat(followed.hasRebasedMoreThanOnce()).as("seed %d", seed).isFalse();
        }
    }

    @Test
    void aRestartGoesOnWithoutBeingAbleToRead() throws Exception {
        try (Application application = Application.start(database(), seed)) {
            application.tell("create 4096 1000");
            follow(application, sealed(), 30);
            follow(application, sealed(), 30);
            ArchivedHistory history = ArchivedHistory.read(store, reader);
            history.assertHolds(application);
            assertThat(history.kinds()).allMatch(SegmentHeader::isSealed);
            assertThat(history.snapshotTx()).as("the only snapshot").isEqualTo(1);
            assertThatThrownBy(() -> ArchivedHistory.read(store))
                    .isInstanceOf(SidecarException.MissingKey.class);
        }
    }

    @Test
    void anEncryptedLogIsNotGoneOnWithInTheClear() throws Exception {
        try (Application application = Application.start(database(), seed)) {
            application.tell("create 4096 1000");
            follow(application, sealed(), 5);
            long before = store.list("log/", null, 1_000).entries().size();
            assertThatThrownBy(() -> FollowedDatabase.start(clear(), store))
                    .isInstanceOf(SidecarException.BadUsage.class)
                    .hasMessageContaining("encrypted");
            FollowerOptions takingOver =
                    FollowedDatabase.takingOver(
                            FollowedDatabase.options(database(), folder.resolve("another state")));
            assertThatThrownBy(() -> FollowedDatabase.start(takingOver, store))
                    .isInstanceOf(SidecarException.BadUsage.class)
                    .hasMessageContaining("encrypted");
            FollowedDatabase.forgetSpool(clear());
            assertThatThrownBy(() -> FollowedDatabase.start(clear(), store))
                    .isInstanceOf(SidecarException.BadUsage.class)
                    .hasMessageContaining("encrypted");
            assertThat(store.list("log/", null, 1_000).entries()).hasSize((int) before);
            follow(application, sealed(), 5);
            ArchivedHistory.read(store, reader).assertHolds(application);
        }
    }

    @Test
    void aLogInTheClearBecomesEncryptedFromAResetOn() throws Exception {
        try (Application application = Application.start(database(), seed)) {
            application.tell("create 4096 1000");
            follow(application, clear(), 5);
            follow(application, sealed(), 5);
            ArchivedHistory history = ArchivedHistory.read(store, reader);
            history.assertHolds(application);
            List<SegmentHeader> sealed =
                    history.kinds().stream().filter(SegmentHeader::isSealed).toList();
            assertThat(sealed).isNotEmpty();
            assertThat(sealed.getFirst().isReset()).isTrue();
        }
    }

    @Test
    void anotherDataKeyIsDrawnWhenThatIsAskedForAndAtEachStart() throws Exception {
        try (Application application = Application.start(database(), seed)) {
            application.tell("create 4096 1000");
            try (FollowedDatabase followed = FollowedDatabase.start(sealed(), store)) {
                followed.await(FollowerEvent.SnapshotDone.class);
                KeyRotation.ask(sealed().state());
                while (KeyRotation.isAsked(sealed().state())) {
                    application.tell("run 1");
                }
                application.tell("run 5");
                assertThat(followed.stop().isAllDurable()).isTrue();
            }
            assertThat(dataKeys()).hasSize(2);
            follow(application, sealed(), 5);
            assertThat(dataKeys()).hasSize(3);
            ArchivedHistory.read(store, reader).assertHolds(application);
        }
    }

    private Set<Digest> dataKeys() throws Exception {
        if (!(Archive.open(store) instanceof OpenOutcome.Found(Archive archive))) {
            throw new AssertionError("no archive");
        }
        Set<Digest> keys = new HashSet<>();
        try (LogReader log = archive.log(1)) {
            while (log.next().isPresent()) {
                log.dataKey().ifPresent(key -> keys.add(key.digest()));
                log.skip();
            }
        }
        return keys;
    }

    @Test
    void whoTakesOverGoesOnEncrypted() throws Exception {
        try (Application application = Application.start(database(), seed)) {
            application.tell("create 4096 1000");
            follow(application, sealed(), 5);
            FollowerOptions other =
                    FollowedDatabase.options(database(), folder.resolve("another state"))
                            .sealedFor(List.of(reader.recipient()));
            try (FollowedDatabase followed =
                    FollowedDatabase.start(FollowedDatabase.takingOver(other), store)) {
                followed.await(FollowerEvent.SnapshotDone.class);
                application.tell("run 5");
                assertThat(followed.stop().isAllDurable()).isTrue();
            }
            ArchivedHistory history = ArchivedHistory.read(store, reader);
            assertThat(history.kinds()).allMatch(SegmentHeader::isSealed);
            assertThat(history.kinds())
                    .extracting(SegmentHeader::kind)
                    .contains(SegmentHeader.Kind.CLAIM);
            assertThat(history.database()).isEqualTo(application.pages());
        }
    }

    /// By who forgot the recipients while neither store nor spool could say that there were some.
    @Test
    void whatWasCapturedInTheClearIsNotShippedBehindWhatIsEncrypted() throws Exception {
        OutageStore away = new OutageStore(store);
        FollowerOptions hasty = FollowedDatabase.withGrace(Duration.ofMillis(1), clear());
        try (Application application = Application.start(database(), seed)) {
            application.tell("create 4096 1000");
            follow(application, sealed(), 5);
            FollowedDatabase.forgetSpool(clear());
            long before = StoredLog.segments(store).size();
            away.begin();
            try (FollowedDatabase followed = FollowedDatabase.start(hasty, away)) {
                followed.await(FollowerEvent.Following.class);
                application.tell("run 5");
                assertThat(followed.stop().isAllDurable()).isFalse();
            }
            assertThatThrownBy(() -> FollowedDatabase.start(sealed(), store))
                    .isInstanceOf(SidecarException.BadUsage.class)
                    .hasMessageContaining("waits in the spool in the clear");
            assertThat(StoredLog.segments(store)).hasSize((int) before);
        }
    }
}
