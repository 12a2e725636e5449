package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.InMemoryObjectStore;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;

/// Of two followers of one archive one goes on.
final class TwoFollowersTest {
    private final long seed = Long.getLong("seed", System.nanoTime());
    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @TempDir Path folder;

    @BeforeEach
    void printSeed() {
        System.getLogger(TwoFollowersTest.class.getName())
                .log(System.Logger.Level.INFO, "seed=" + seed);
    }

    private Path database() {
        return folder.resolve("app.db");
    }

    private Application created() {
        return Application.withCommits(database(), seed);
    }

    @Test
    void ofTwoFollowersOfOneArchiveTheSecondIsRefused() throws Exception {
        try (Application application = created();
                FollowedDatabase first = FollowedDatabase.following(database(), store)) {
            application.tell("run 5");
            first.await(FollowerEvent.Durable.class);
            assertThatThrownBy(() ->
                            FollowedDatabase.start(
                                    FollowedDatabase.options(
                                            folder.resolve("other.db"), folder.resolve("other")),
                                    store))
                    .isInstanceOf(SidecarException.Fenced.class);
            assertThat(first.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, store);
        }
    }

    @Test
    void aWriterThatWasTakenOverIsFencedAndOverwritesNothing() throws Exception {
        Path otherFolder = folder.resolve("other");
        Files.createDirectory(otherFolder);
        Path otherDatabase = otherFolder.resolve("app.db");
        try (Application application = created();
                Application other = Application.start(otherDatabase, seed + 1);
                FollowedDatabase first = FollowedDatabase.following(database(), store)) {
            other.tell("create 4096 1000");
            application.tell("run 5");
            first.await(FollowerEvent.SnapshotDone.class);
            long tx = application.committed().size();
            assertThat(first.awaitDurable(tx)).isEqualTo(tx);
            FollowerOptions plain = FollowedDatabase.options(otherDatabase);
            FollowerOptions takingOver = FollowedDatabase.takingOver(plain);
            try (FollowedDatabase second = FollowedDatabase.start(takingOver, store)) {
                second.await(FollowerEvent.SnapshotDone.class);
                application.tell("run 5");
                assertThatThrownBy(first::awaitEnd).isInstanceOf(SidecarException.Fenced.class);
                other.tell("run 5");
                assertThat(second.stop().isAllDurable()).isTrue();
            }
            ArchivedHistory history = ArchivedHistory.read(store);
            assertThat(history.kinds())
                    .extracting(SegmentHeader::kind)
                    .contains(SegmentHeader.Kind.CLAIM);
            assertThat(history.database()).isEqualTo(other.pages());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 65536})
    void aClaimHasThePageSizeOfTheLogThatItTakesOver(int pageSize) throws Exception {
        try (Application application = Application.start(database(), seed)) {
            application.tell("create " + pageSize + " 1000");
            application.tell("run 5");
            assertThat(FollowedDatabase.following(database(), store).stop().isAllDurable())
                    .isTrue();
            FollowerOptions plain =
                    FollowedDatabase.options(database(), folder.resolve("another state"));
            FollowerOptions takingOver = FollowedDatabase.takingOver(plain);
            try (FollowedDatabase second = FollowedDatabase.start(takingOver, store)) {
                second.await(FollowerEvent.Following.class);
                application.tell("run 5");
                assertThat(second.stop().isAllDurable()).isTrue();
            }
            ArchivedHistory history = ArchivedHistory.read(store);
            assertThat(history.kinds())
                    .extracting(SegmentHeader::kind)
                    .contains(SegmentHeader.Kind.CLAIM);
            assertThat(history.database()).isEqualTo(application.pages());
        }
    }
}
