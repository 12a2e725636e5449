package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.SplittableRandom;

/// 200 MB are restored in a second, and a segment takes 0.2 ms more, of a bucket 4.
final class SnapshotPolicyTest {
    private static final long MB = 1 << 20;
    private static final SnapshotPolicy POLICY =
            new SnapshotPolicy(Duration.ofSeconds(30), Duration.ofHours(24));

    private final long seed = Long.getLong("seed", System.nanoTime());

    private static boolean isDue(long databaseMb, long logMb, long segments) {
        return isDue(databaseMb, logMb, DestinationOptions.SEGMENT_OF_FOLDER, segments);
    }

    private static boolean isDue(long databaseMb, long logMb, Duration perSegment, long segments) {
        return POLICY.isDue(
                databaseMb * MB,
                logMb * MB,
                perSegment.multipliedBy(segments),
                Duration.ofHours(1));
    }

    @Test
    void withoutACommitNoneIsDueHoweverOldTheLastOneIs() {
        assertThat(POLICY.isDue(MB, 0, Duration.ZERO, Duration.ofDays(1000))).isFalse();
        assertThat(POLICY.isDue(MB, 0, Duration.ofHours(1), Duration.ofDays(1000))).isFalse();
    }

    @Test
    void atItsGreatestAgeOneCommitIsEnough() {
        assertThat(POLICY.isDue(1000 * MB, 1, Duration.ofNanos(1), Duration.ofHours(24))).isTrue();
        assertThat(
                        POLICY.isDue(
                                1000 * MB,
                                1,
                                Duration.ofNanos(1),
                                Duration.ofHours(24).minusNanos(1)))
                .isFalse();
    }

    @Test
    void oneIsDueOnceDatabaseAndLogTogetherTakeLongerThanPromised() {
        assertThat(isDue(1000, 4990, 1)).isFalse();
        assertThat(isDue(1000, 5010, 1)).isTrue();
    }

    @Test
    void manySmallSegmentsTakeTheirTimeToo() {
        assertThat(isDue(1, 1, 149_000)).isFalse();
        assertThat(isDue(1, 1, 151_000)).isTrue();
        assertThat(isDue(1000, 2500, 61_000)).isFalse();
        assertThat(isDue(1000, 2500, 64_000)).isTrue();
    }

    @Test
    void manySmallSegmentsInABucketTakeTwentyTimesAsLong() {
        assertThat(isDue(1, 1, DestinationOptions.SEGMENT_OF_BUCKET, 7_450)).isFalse();
        assertThat(isDue(1, 1, DestinationOptions.SEGMENT_OF_BUCKET, 7_550)).isTrue();
    }

    @Test
    void aDatabaseThatAloneTakesTooLongIsCopiedOnlyOnceItsLogTakesAsLongAgain() {
        assertThat(isDue(100_000, 99_000, 1)).isFalse();
        assertThat(isDue(100_000, 101_000, 1)).isTrue();
    }

    @Test
    void aLittleLogIsNotWorthASnapshotHoweverLittleTimeIsPromised() {
        SnapshotPolicy strict = new SnapshotPolicy(Duration.ofMillis(1), Duration.ofHours(24));
        assertThat(strict.isDue(MB, 8 * MB - 1, Duration.ofNanos(3), Duration.ZERO)).isFalse();
        assertThat(strict.isDue(MB, 8 * MB, Duration.ofNanos(3), Duration.ZERO)).isTrue();
    }

    @Test
    void whatIsDueStaysDueWithMoreLogMoreSegmentsAndMoreTime() {
        SplittableRandom random = new SplittableRandom(seed);
        int due = 0;
        for (int i = 0; i < 20_000; i++) {
            SnapshotPolicy policy =
                    new SnapshotPolicy(
                            Duration.ofMillis(1L << random.nextInt(40)),
                            Duration.ofSeconds(1L << random.nextInt(24)));
            long database = random.nextLong(1L << random.nextInt(1, 48));
            long log = random.nextLong(1L << random.nextInt(1, 48));
            Duration segments = Duration.ofMillis(random.nextLong(1L << random.nextInt(1, 40)));
            Duration age = Duration.ofSeconds(random.nextLong(1L << random.nextInt(1, 24)));
            if (policy.isDue(database, log, segments, age)) {
                due++;
                assertThat(
                                policy.isDue(
                                        database,
                                        log + random.nextLong(1L << 40),
                                        segments.plusMillis(random.nextLong(1L << 30)),
                                        age.plusSeconds(random.nextInt(1 << 20))))
                        .as("seed %d, %s %d %d %d %s", seed, policy, database, log, segments, age)
                        .isTrue();
            }
        }
        assertThat(due).isGreaterThan(1000);
    }
}
