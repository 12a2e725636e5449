package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.FileObjectStore;
import dev.holdfast.storage.LimitedDisk;
import dev.holdfast.storage.LimitedDisk.Failing;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.RetryPolicy;
import dev.holdfast.storage.RetryingObjectStore;
import dev.holdfast.storage.StoppableClock;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// A follower whose state folder with the spool, or whose store, lies on a disk that runs full at
/// each change that is made to it, one after the other, beside a real application. Each run tries
/// one change in six, from the seed on; with `FULL_DISK_STEP=1` in the environment all of them.
final class FullDiskTest {
    private static final int STEP =
            Integer.parseInt(System.getenv().getOrDefault("FULL_DISK_STEP", "6"));

    /// What waits 10 s before it tries again waits 0.1 s.
    private static final int HASTE = 100;

    /// After so many there is room again.
    private static final int TROUBLES = 2;

    /// One try: the follower itself tries again.
    private static final RetryPolicy ONCE =
            new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ZERO);

    private final long seed = Long.getLong("seed", System.nanoTime());
    @TempDir private Path folder;

    enum Place {
        STATE,
        STORE
    }

    @ParameterizedTest
    @CsvSource({"STATE,ONCE", "STATE,ON", "STORE,ONCE", "STORE,ON"})
    void atWhateverChangeItIsFullEveryCommitIsInTheArchiveOnceThereIsRoom(
            Place place, Failing failing) throws Exception {
        System.getLogger(getClass().getName()).log(System.Logger.Level.INFO, "seed=" + seed);
        try (Application application = Application.start(folder.resolve("app.db"), seed)) {
            application.tell("create 512 1000");
            int change = 1 + Math.floorMod((int) seed, STEP);
            while (new Round(application, place, failing, change).hasFailed()) {
                change += STEP;
            }
            assertThat(change).as("changes that there are").isGreaterThan(15);
        }
    }

    /// A first run of a follower, with as many more as it takes.
    private final class Round {
        private final Application application;
        private final Path root;
        private final LimitedDisk local = new LimitedDisk();
        private final LimitedDisk remote = new LimitedDisk();
        private final LimitedDisk full;
        private final AtomicInteger troubles = new AtomicInteger();
        private boolean hasEndedEarly;

        Round(Application application, Place place, Failing failing, int change)
                throws IOException {
            this.application = application;
            this.root = folder.resolve(change + "-" + place + "-" + failing);
            this.full = place == Place.STATE ? local : remote;
            Files.createDirectory(root);
            full.failAt(change, failing);
        }

        /// Whether there were so many changes.
        boolean hasFailed() throws Exception {
            try (FollowedDatabase followed = start()) {
                application.tell("run 3 checkpoint");
                followed.await(FollowerEvent.Following.class);
                application.tell("run 3");
                finish(followed);
            }
            try (ObjectStore store = FileObjectStore.openForReading(root.resolve("archive"))) {
                ArchivedHistory.assertHolds(application, store);
                // A run that had to end with commits in the WAL only, and without a page map
                long mostBeginnings = hasEndedEarly ? 2 : 1;
                assertThat(
                                ArchivedHistory.read(store).kinds().stream()
                                        .filter(header ->
                                                header.kind() == SegmentHeader.Kind.REBASE)
                                        .count())
                        .as("%s: beginnings of history", root)
                        .isBetween(1L, mostBeginnings);
            }
            assertNothingIsLeft();
            return full.hasFailed();
        }

        private ObjectStore store() throws IOException {
            return new RetryingObjectStore(
                    remote.store(root.resolve("archive")),
                    ONCE,
                    StoppableClock.of(new CountDownLatch(1)),
                    new Random(seed));
        }

        private FollowedDatabase start() throws IOException {
            try {
                return startOnce();
            } catch (SidecarException e) {
                assertTold(String.valueOf(e.getMessage()));
            } catch (IOException e) {
                assertTold(String.valueOf(e.getMessage()));
            }
            full.heal();
            return startOnce();
        }

        private FollowedDatabase startOnce() throws IOException {
            FollowerOptions options =
                    FollowedDatabase.withGrace(
                            Duration.ofMinutes(2 * HASTE),
                            FollowedDatabase.options(
                                    folder.resolve("app.db"), root.resolve("state")));
            Timekeeper hasty =
                    new Timekeeper(InstantSource.system(), () -> HASTE * System.nanoTime());
            return FollowedDatabase.start(options, store(), hasty, local, this::told);
        }

        private void told(FollowerEvent event) {
            if (event instanceof FollowerEvent.Troubled troubled) {
                assertTold(troubled.what());
                healAfterAWhile();
            }
            if (event instanceof FollowerEvent.SnapshotFailed failed) {
                assertTold(failed.why());
                healAfterAWhile();
            }
        }

        private void healAfterAWhile() {
            if (troubles.incrementAndGet() == TROUBLES) {
                full.heal();
            }
        }

        private void assertTold(String what) {
            assertThat(what).contains(root.toString());
        }

        private void finish(FollowedDatabase followed) throws IOException {
            FollowerEnd end;
            try {
                end = followed.stop();
            } catch (SidecarException e) { // no room for what was committed last
                assertTold(String.valueOf(e.getMessage()));
                hasEndedEarly = true;
                full.heal();
                end = startOnce().stop();
            }
            assertThat(end.isAllDurable()).as("%s: %s", root, followed).isTrue();
        }

        private void assertNothingIsLeft() throws IOException {
            assertThat(root.resolve("archive/.tmp")).isEmptyDirectory();
            try (Stream<Path> files = Files.list(root.resolve("state"))) {
                List<String> names = files.map(file -> "" + file.getFileName()).sorted().toList();
                assertThat(names).containsExactly("lock", "pages", "spool", "writer");
            }
        }
    }
}
