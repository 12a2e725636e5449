package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.replicator.SpoolPolicy.WhenFull;

import org.junit.jupiter.api.Test;

import java.util.OptionalLong;

final class SpoolPolicyTest {
    private static final long MB = 1_000_000;

    private static SpoolPolicy limited(long bytes) {
        return new SpoolPolicy(OptionalLong.of(bytes), WhenFull.KEEP);
    }

    @Test
    void aTenthOfWhatIsFreeMayWaitUnlessToldOtherwise() {
        assertThat(SpoolPolicy.DEFAULT.limitOf(100_000 * MB)).isEqualTo(10_000 * MB);
        assertThat(SpoolPolicy.DEFAULT.limitOf(2_570 * MB)).isEqualTo(257 * MB);
        assertThat(limited(5 * MB).limitOf(100_000 * MB)).isEqualTo(5 * MB);
    }

    @Test
    void onASmallDiskItIs256MegabytesAllTheSame() {
        assertThat(SpoolPolicy.DEFAULT.limitOf(2_560 * MB)).isEqualTo(256 * MB);
        assertThat(SpoolPolicy.DEFAULT.limitOf(2_550 * MB)).isEqualTo(256 * MB);
        assertThat(SpoolPolicy.DEFAULT.limitOf(0)).isEqualTo(256 * MB);
    }

    /// A small limit would else be little beside what files keep that need not be kept.
    @Test
    void whatNeedNotWaitIsGivenBackInPiecesThatAreSmallBesideTheLimit() {
        assertThat(SpoolPolicy.DEFAULT.fileBytes()).isEqualTo(32 << 20);
        assertThat(limited(100 * MB).fileBytes()).isEqualTo(12_500_000);
        assertThat(limited(100_000 * MB).fileBytes()).isEqualTo(32 << 20);
        assertThat(limited(1).fileBytes()).isEqualTo(1 << 20);
    }
}
