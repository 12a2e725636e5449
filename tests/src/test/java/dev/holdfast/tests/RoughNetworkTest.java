package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.storage.s3.RoughProxy;
import dev.holdfast.storage.s3.RoughProxy.Deed;
import dev.holdfast.storage.s3.TestBucket;
import dev.holdfast.tests.harness.DatabaseImage;
import dev.holdfast.tests.harness.EveryTransaction;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.LoggedState;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;

/// Between the commands and a real S3 server connections are cut, bytes come late, and bits of
/// bodies turn. Replayed with `SEED=`.
final class RoughNetworkTest {
    /// More of them take longer: `ROUGH_SCHEDULES=20` in the environment.
    private static final int SCHEDULES =
            Integer.parseInt(System.getenv().getOrDefault("ROUGH_SCHEDULES", "1"));

    private static final double ROUGHNESS = 0.3;

    /// Several things happen while so little is written, and a few while all is read.
    private static final int FAR_WRITTEN = 256 << 10;

    private static final int FAR_READ = 32 << 20;
    private static final int KILLS = 2;

    /// Until each kind of deed was done: a seed may take some rounds to do one.
    private static final int MOST_ROUNDS = 20;

    private static final int STRIDE = 20;

    /// Of `restore`: the store can't be reached, has refused what a turned bit made of a request,
    /// has something damaged.
    private static final List<Integer> RESTORE_FAILURES = List.of(30, 31, 40);

    /// Of `replicate`, before it follows: as above.
    private static final List<Integer> START_FAILURES = List.of(30, 31);

    /// Of `verify`: something is damaged, or could not be looked at.
    private static final List<Integer> VERIFY_FAILURES = List.of(1, 2);

    private final long seed = Long.getLong("seed", System.nanoTime());

    @TempDir private Path folder;

    private TestBucket bucket;
    private Map<String, String> credentials = Map.of();

    @BeforeEach
    void makeBucket() {
        bucket = TestBucket.make();
        credentials =
                Map.of(
                        "AWS_ACCESS_KEY_ID",
                        bucket.server().accessKey(),
                        "AWS_SECRET_ACCESS_KEY",
                        bucket.server().secretKey());
    }

    private interface Schedule {
        void run(Path folder, long seed) throws IOException;
    }

    private void everySchedule(Schedule schedule) throws IOException {
        for (int i = 0; i < SCHEDULES; i++) {
            say("seed=" + (seed + i));
            Path own = Files.createDirectory(folder.resolve("schedule" + i));
            try {
                schedule.run(own, seed + i);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed=" + (seed + i), e);
            }
        }
    }

    private static void say(String text) {
        System.getLogger(RoughNetworkTest.class.getName()).log(System.Logger.Level.INFO, text);
    }

    private RoughProxy proxy(long seed, int farBytes, Set<Deed> deeds) throws IOException {
        return new RoughProxy(bucket.server().endpoint(), seed, ROUGHNESS, farBytes, deeds);
    }

    private String through(RoughProxy proxy, long seed) {
        return bucket.through(proxy.endpoint()).location("rough-" + seed, "");
    }

    private Replication follow(Path database, String archive) {
        return Replication.startTo(archive, credentials, database);
    }

    @Test
    void whatIsShippedThroughItIsTheWritersLog() throws IOException {
        everySchedule((own, seed) -> {
            Path database = own.resolve("agent.db");
            try (RoughProxy proxy = proxy(seed, FAR_WRITTEN, EnumSet.allOf(Deed.class));
                    Writer writer = Writer.start(WriterKind.PYTHON, database, seed)) {
                // The WAL keeps what is committed while Holdfast is down
                writer.tell("open wal_autocheckpoint=0");
                SplittableRandom random = new SplittableRandom(seed);
                int round = 0;
                while (round < KILLS || (round < MOST_ROUNDS && !hasCutAndDelayed(proxy))) {
                    followAndKill(writer, database, through(proxy, seed), round++, random);
                }
                assertThat(hasCutAndDelayed(proxy)).as("%s", proxy.counts()).isTrue();
                proxy.calm();
                try (Replication replication = follow(database, through(proxy, seed))) {
                    Json following = replication.awaitFollowing();
                    assertThat(following.text("continuity")).isEqualTo("wal");
                    writer.tell("run mixed 5");
                    assertThat(run(own, "flush", "agent.db").exit()).isZero();
                    replication.stop();
                }
                say("while it followed: " + proxy.counts());
                assertHolds(own, seed, writer.states());
            }
        });
    }

    /// A start may be refused: a turned bit makes another signature of a request. Then it is
    /// started again, as an operator would.
    private Replication following(Path database, String archive) {
        Replication replication = follow(database, archive);
        try {
            Json _ = replication.awaitFollowing();
            return replication;
        } catch (AssertionError e) {
            if (replication.isAlive()) {
                replication.close();
                throw e;
            }
            Holdfast.Finished end = replication.awaitEnd();
            say("start: %d %s".formatted(end.exit(), end.err()));
            assertThat(START_FAILURES).as("%s", end).contains(end.exit());
            return following(database, archive);
        }
    }

    private static boolean hasCutAndDelayed(RoughProxy proxy) {
        return proxy.counts().cuts() > 0 && proxy.counts().delays() > 0;
    }

    private void followAndKill(
            Writer writer, Path database, String archive, int round, SplittableRandom random) {
        try (Replication replication = following(database, archive)) {
            writer.tell("run wide 4 " + random.nextInt(1, 200));
            if (round == 0) {
                // Before the first snapshot nothing is durable, and so not every commit kept
                replication.awaitEvent("durable");
            }
            writer.begin("run mixed 40 0 20");
            writer.awaitCommit(writer.last().n() + random.nextInt(1, 40));
            replication.kill();
        }
        writer.awaitDone("run mixed 40 0 20");
    }

    private void assertHolds(Path own, long seed, List<LoggedState> states) {
        String direct = bucket.location("rough-" + seed, "");
        Runnable verify = () -> assertThat(run(own, "verify", "--from", direct).exit()).isZero();
        EveryTransaction all =
                new EveryTransaction(() -> bucket.open("rough-" + seed), verify, own, List.of());
        all.assertHolds(states, STRIDE, KILLS * 40 / STRIDE);
        assertThat(Holdfast.lines(own, credentials, "history", "--from", direct))
                .filteredOn(entry -> entry.text("kind").equals("rebase"))
                .isEmpty();
    }

    @Test
    void whatIsReadThroughItIsRightOrAnError() throws IOException {
        everySchedule((own, seed) -> {
            String image = shipDirectly(own, seed);
            try (RoughProxy all = proxy(seed, FAR_READ, EnumSet.allOf(Deed.class));
                    RoughProxy turning = proxy(seed, FAR_READ, EnumSet.of(Deed.TURN))) {
                int round = 0;
                while (round == 0 || (round < MOST_ROUNDS && !hasCutAndDelayed(all))) {
                    assertRestoredOrTold(own, through(all, seed), image);
                    assertVerified(own, through(all, seed));
                    round++;
                }
                for (round = 0; round < MOST_ROUNDS && turning.counts().turns() == 0; round++) {
                    assertRestoredOrTold(own, through(turning, seed), image);
                }
                say("while it was read: " + all.counts() + ", " + turning.counts());
                assertThat(hasCutAndDelayed(all)).as("%s", all.counts()).isTrue();
                assertThat(turning.counts().turns()).isPositive();
                for (RoughProxy proxy : List.of(all, turning)) {
                    proxy.calm();
                    assertThat(restore(own, through(proxy, seed), image).exit()).isZero();
                }
            }
        });
    }

    /// What the database is in the end.
    private String shipDirectly(Path own, long seed) {
        Path database = own.resolve("agent.db");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, seed)) {
            writer.tell("open");
            writer.tell("run wide 1 300");
            try (Replication replication = follow(database, bucket.location("rough-" + seed, ""))) {
                replication.awaitFollowing();
                writer.tell("run mixed 10");
                writer.tell("run wide 3 200");
                replication.stop();
            }
            return Objects.requireNonNull(writer.last().image());
        }
    }

    private void assertRestoredOrTold(Path own, String archive, String image) throws IOException {
        Holdfast.Finished restore = restore(own, archive, image);
        if (restore.exit() != 0) {
            assertThat(RESTORE_FAILURES).as("%s", restore).contains(restore.exit());
            assertThat(restore.err("hint: ")).isNotEmpty();
        }
    }

    /// Right, or nothing.
    private Holdfast.Finished restore(Path own, String archive, String image) throws IOException {
        Path out = own.resolve("out.db");
        Holdfast.Finished restore = run(own, "restore", "--from", archive, "-o", out.toString());
        say("restore: %d %s".formatted(restore.exit(), restore.err()));
        if (restore.exit() == 0) {
            assertThat(DatabaseImage.of(out)).isEqualTo(image);
        } else {
            assertThat(out).doesNotExist();
        }
        Files.deleteIfExists(out);
        return restore;
    }

    private void assertVerified(Path own, String archive) {
        Holdfast.Finished verify = run(own, "verify", "--from", archive);
        say("verify: " + verify.exit());
        if (verify.exit() != 0) {
            assertThat(VERIFY_FAILURES).as("%s", verify).contains(verify.exit());
        }
    }

    private Holdfast.Finished run(Path own, String... arguments) {
        return Holdfast.run(own, credentials, arguments);
    }
}
