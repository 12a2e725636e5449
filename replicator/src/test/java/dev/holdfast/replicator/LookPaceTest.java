package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

final class LookPaceTest {
    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong clock = new AtomicLong(10 * SECOND);
    private final LookPace pace = new LookPace(new Timekeeper(InstantSource.system(), clock::get));

    @Test
    void theLooksBecomeRarerAndNeverRarerThanEvery20Milliseconds() {
        Duration before = pace.soon();
        assertThat(before).isEqualTo(Duration.ofMillis(1));
        for (int i = 0; i < 7; i++) {
            Duration next = pace.longer();
            assertThat(next).isGreaterThan(before);
            before = next;
        }
        assertThat(before).isBetween(Duration.ofMillis(17), Duration.ofMillis(20));
        assertThat(pace.longer()).isEqualTo(Duration.ofMillis(20));
        assertThat(pace.longer()).isEqualTo(Duration.ofMillis(20));
    }

    @Test
    void afterACommitOrARingTheyAreFrequentAgain() {
        for (int i = 0; i < 20; i++) {
            assertThat(pace.longer()).isPositive();
        }
        pace.rung();
        assertThat(pace.longer()).isLessThan(Duration.ofMillis(2));
        for (int i = 0; i < 20; i++) {
            assertThat(pace.longer()).isPositive();
        }
        assertThat(pace.soon()).isEqualTo(Duration.ofMillis(1));
        assertThat(pace.longer()).isLessThan(Duration.ofMillis(2));
    }

    @Test
    void aSecondWithoutACommitIsQuietButNotRightAfterARing() {
        assertThat(pace.isQuiet(SECOND - 1)).isFalse();
        assertThat(pace.isQuiet(SECOND)).isTrue();
        pace.rung();
        assertThat(pace.isQuiet(SECOND)).isFalse();
        clock.addAndGet(SECOND / 10 - 1);
        assertThat(pace.isQuiet(SECOND)).isFalse();
        clock.addAndGet(1);
        assertThat(pace.isQuiet(SECOND)).isTrue();
    }

    @Test
    void whereNothingRingsItIsLookedSooner() {
        assertThat(LookPace.rest(true)).isEqualTo(Duration.ofSeconds(1));
        assertThat(LookPace.rest(false)).isEqualTo(Duration.ofMillis(50));
    }
}
