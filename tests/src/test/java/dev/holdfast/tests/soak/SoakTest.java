package dev.holdfast.tests.soak;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;

final class SoakTest {
    private static final int ROUNDS = 300;

    @Test
    void killsAtRandomMomentsLoseNothingAndInventNothing() throws IOException {
        long seed = Long.getLong("seed", System.nanoTime());
        Tally tally = Soak.run(ROUNDS, seed, System.out::println);
        assertThat(tally.rounds()).isEqualTo(ROUNDS);
        assertThat(tally.restored()).isGreaterThan(ROUNDS);
        assertThat(tally.needless()).hasSizeLessThan(2);
        assertThat(tally.spoilt()).isLessThan(ROUNDS / 20);
    }
}
