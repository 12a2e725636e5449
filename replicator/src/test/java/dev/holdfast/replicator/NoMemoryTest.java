package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ForwardingStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectUpload;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/// A thread of ours that runs out of memory: no silent end, after which nothing is shipped any
/// more.
final class NoMemoryTest {
    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final AtomicBoolean isShort = new AtomicBoolean();

    @TempDir private Path folder;

    private Path database() {
        return folder.resolve("app.db");
    }

    private Application created() {
        Application application = Application.start(database(), 1);
        application.tell("create 4096 1000");
        return application;
    }

    /// For whatever name begins so there is no memory while it is short.
    private ObjectStore shortOf(String prefix) {
        return new ForwardingStore(store) {
            private void check(String name) {
                if (isShort.get() && name.startsWith(prefix)) {
                    throw new OutOfMemoryError("Java heap space");
                }
            }

            @Override
            public CreateOutcome create(String name, ObjectBody body) throws IOException {
                check(name);
                return super.create(name, body);
            }

            @Override
            public ObjectUpload upload(String name) throws IOException {
                check(name);
                return super.upload(name);
            }
        };
    }

    @Test
    void ofTheShipperEndsTheRunAndSaysSo() throws Exception {
        try (Application application = created();
                FollowedDatabase followed =
                        FollowedDatabase.following(database(), shortOf(ObjectNames.LOG))) {
            followed.await(FollowerEvent.SnapshotDone.class);
            isShort.set(true);
            application.tell("fast 5");
            assertThatThrownBy(followed::awaitEnd)
                    .hasMessageContaining("shipping has ended")
                    .hasMessageContaining("Java heap space")
                    .hasCauseInstanceOf(OutOfMemoryError.class);
            isShort.set(false);
            try (FollowedDatabase next = FollowedDatabase.following(database(), store)) {
                assertThat(next.stop().isAllDurable()).isTrue();
            }
            ArchivedHistory.assertHolds(application, store);
        }
    }

    @Test
    void ofASnapshotIsToldAndTheSnapshotTakenLater() throws Exception {
        isShort.set(true);
        try (Application application = created();
                FollowedDatabase followed =
                        FollowedDatabase.following(database(), shortOf(ObjectNames.SNAPSHOTS))) {
            assertThat(followed.await(FollowerEvent.SnapshotFailed.class).why())
                    .contains("Java heap space");
            isShort.set(false);
            followed.await(FollowerEvent.SnapshotDone.class);
            assertThat(followed.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, store);
        }
    }
}
