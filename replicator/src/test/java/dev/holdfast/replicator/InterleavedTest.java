package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.storage.FileActions;
import dev.holdfast.storage.InMemoryObjectStore;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// An application that does something whenever the capture thread looks at its clock: between any
/// two of its steps, also those that no writer at its own pace ever hits. The clock goes on by as
/// much each time, so that nothing depends on the machine. What it does comes from the seed.
///
/// Nothing can be shipped meanwhile, so that nothing is cut but what must be.
final class InterleavedTest {
    /// At the clock: three spells.
    private static final int LOOKS = 1_500;

    /// Looks in which it pauses now and then, and as many in which it does not.
    private static final int SPELL = 500;

    /// Of a WAL that needs more than rounds, and of one that needs the write lock.
    private static final long LIMIT_BYTES = 9 << 20;

    private static final long SALTS_OFFSET = 16;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final OutageStore store = new OutageStore(new InMemoryObjectStore());

    @TempDir private Path folder;

    /// @param micros that pass from look to look
    @ParameterizedTest
    @CsvSource({"0,1000", "0,10000", "20,1000", "20,10000"})
    void whateverComesBetweenTwoStepsIsCapturedAndForcedBeforeTheWalBeginsAnew(
            int autocheckpoint, long micros) throws Exception {
        System.getLogger(getClass().getName()).log(System.Logger.Level.INFO, "seed=" + seed);
        Path database = folder.resolve("app.db");
        try (Application application = Application.start(database, seed)) {
            application.tell("create 65536 " + autocheckpoint);
            application.tell("sql PRAGMA busy_timeout=0");
            application.tell("sql PRAGMA synchronous=OFF");
            Interloper interloper = new Interloper(application, database);
            AtomicLong clock = new AtomicLong();
            Timekeeper time =
                    new Timekeeper(
                            InstantSource.system(),
                            () -> {
                                interloper.looked();
                                return clock.addAndGet(1_000 * micros);
                            });
            FollowerOptions options =
                    FollowedDatabase.withWalLimit(LIMIT_BYTES, FollowedDatabase.options(database));
            try (FollowedDatabase followed =
                    FollowedDatabase.start(options, store, time, FileActions.REAL, _ -> {})) {
                followed.await(FollowerEvent.SnapshotDone.class);
                application.tell("fast 1");
                store.begin();
                interloper.begin();
                interloper.awaitEnd(followed);
                store.end();
                assertThat(followed.stop().isAllDurable()).as("seed %d", seed).isTrue();
                assertThat(followed.hasRebasedMoreThanOnce())
                        .as("seed %d: %s", seed, followed)
                        .isFalse();
                ArchivedHistory.assertHolds(application, store);
                assertThat(interloper.mostMissing)
                        .as("seed %d: not in the spool when the WAL began anew", seed)
                        .isZero();
                assertThat(interloper.resets).as("seed %d", seed).isPositive();
            }
        }
    }

    /// Belongs to the capture thread from [#begin] on.
    private final class Interloper {
        private final Application application;
        private final Path database;
        private final Random random = new Random(seed);
        private final CountDownLatch end = new CountDownLatch(1);
        private final AtomicInteger looks = new AtomicInteger(LOOKS);
        private long salts;
        private int commits = 3;
        private int resets;
        private long mostMissing;

        Interloper(Application application, Path database) {
            this.application = application;
            this.database = database;
        }

        void begin() {
            looks.set(0);
        }

        void awaitEnd(FollowedDatabase followed) throws InterruptedException {
            assertThat(end.await(2, TimeUnit.MINUTES)).as("seed %d: %s", seed, followed).isTrue();
        }

        void looked() {
            if (looks.get() < LOOKS && Thread.currentThread().getName().equals("capture")) {
                act();
                if (looks.incrementAndGet() == LOOKS) {
                    end.countDown();
                }
            }
        }

        private void act() {
            int chance = random.nextInt(100);
            boolean isRelentless = looks.get() / SPELL % 2 == 1;
            if (isRelentless && chance >= 5) {
                commit();
                return;
            }
            switch (chance % 10) {
                case 0 -> application.tellUnlessLocked("passive");
                case 1 -> application.tellUnlessLocked("sql PRAGMA wal_checkpoint(TRUNCATE)");
                case 2, 3 -> {}
                default -> commit();
            }
        }

        private void commit() {
            if (!application.tellUnlessLocked("fast 1")) {
                return;
            }
            long now = readSalts();
            if (salts != 0 && now != salts) {
                resets++;
                long missing = commits - forced();
                mostMissing = Math.max(mostMissing, missing);
            }
            salts = now;
            commits++;
        }

        private long forced() {
            return SpoolStatus.read(folder.resolve("state"), 0).last().orElseThrow().lastTx();
        }

        /// Of the WAL, which holds no locks, so that it may be opened and closed.
        private long readSalts() {
            ByteBuffer found = ByteBuffer.allocate(Long.BYTES);
            try (FileChannel wal =
                    FileChannel.open(
                            LiveDatabase.sibling(database, "-wal"), StandardOpenOption.READ)) {
                wal.read(found, SALTS_OFFSET);
                return found.getLong(0);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
