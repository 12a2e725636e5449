package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.WalIndexHeader;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

final class PaceTest {
    private static final long MILLI = Duration.ofMillis(1).toNanos();
    private static final long UNRELENTING = Duration.ofSeconds(2).toNanos();
    private static final int SALT = 7;

    private final AtomicLong clock = new AtomicLong(5);
    private final Pace pace = new Pace(new Timekeeper(InstantSource.system(), clock::get));

    private static WalIndexHeader oracle(long frames, int salt) {
        return new WalIndexHeader(1, false, 4096, frames, 1, 0, 0, salt, 0, 0, 0);
    }

    private void note(long quietNanos) {
        pace.note(oracle(1, SALT), quietNanos);
    }

    @Test
    void whoHasNeitherPausedNorLetTheWalBeginAnewForTwoSecondsIsUnrelenting() {
        assertThat(pace.isUnrelenting()).isFalse();
        clock.addAndGet(UNRELENTING - 1);
        note(0);
        assertThat(pace.isUnrelenting()).isFalse();
        clock.addAndGet(1);
        assertThat(pace.isUnrelenting()).isTrue();
    }

    @Test
    void aPauseOf50MillisecondsIsOneAndAShorterOneIsNone() {
        clock.addAndGet(UNRELENTING);
        note(50 * MILLI - 1);
        assertThat(pace.isUnrelenting()).isTrue();
        note(50 * MILLI);
        assertThat(pace.isUnrelenting()).isFalse();
        clock.addAndGet(UNRELENTING - 1);
        assertThat(pace.isUnrelenting()).isFalse();
        clock.addAndGet(1);
        assertThat(pace.isUnrelenting()).isTrue();
    }

    @Test
    void whereTheWalCanBeginAnewItBeginsAnewToo() {
        clock.addAndGet(UNRELENTING);
        pace.landed();
        assertThat(pace.isUnrelenting()).isFalse();
        clock.addAndGet(UNRELENTING);
        assertThat(pace.isUnrelenting()).isTrue();
    }

    @Test
    void whatHasComeIsCountedFromLookToLook() {
        pace.note(oracle(10, SALT), 0);
        assertThat(pace.grownFrames()).isEqualTo(10);
        pace.note(oracle(25, SALT), 0);
        assertThat(pace.grownFrames()).isEqualTo(15);
        pace.note(oracle(25, SALT), 0);
        assertThat(pace.grownFrames()).isZero();
        pace.note(oracle(4, SALT + 1), 0);
        assertThat(pace.grownFrames()).as("of a WAL that began anew").isEqualTo(4);
    }

    /// A reader that is 50 ms old was there before it; none that is 100 ms old was not.
    @Test
    void whatWasThereAWhileAgoIsBetween50And100MillisecondsOld() {
        pace.note(oracle(10, SALT), 0);
        assertThat(pace.longAgo(oracle(10, SALT))).isZero();
        clock.addAndGet(50 * MILLI - 1);
        pace.note(oracle(20, SALT), 0);
        assertThat(pace.longAgo(oracle(20, SALT))).isZero();
        clock.addAndGet(1);
        pace.note(oracle(30, SALT), 0);
        assertThat(pace.longAgo(oracle(30, SALT))).isEqualTo(10);
        clock.addAndGet(50 * MILLI - 1);
        pace.note(oracle(40, SALT), 0);
        assertThat(pace.longAgo(oracle(40, SALT))).isEqualTo(10);
        clock.addAndGet(1);
        pace.note(oracle(50, SALT), 0);
        assertThat(pace.longAgo(oracle(50, SALT))).isEqualTo(30);
        assertThat(pace.longAgo(oracle(5, SALT + 1))).as("of a WAL that began anew").isZero();
    }
}
