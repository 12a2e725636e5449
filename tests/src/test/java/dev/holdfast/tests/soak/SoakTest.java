package dev.holdfast.tests.soak;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;

final class SoakTest {
    private static final int ROUNDS = 300;
    private static final int BUCKET_ROUNDS = 12;

    @Test
    void killsAtRandomMomentsLoseNothingAndInventNothing() throws IOException {
        long seed = Long.getLong("seed", System.nanoTime());
        Tally tally = Soak.run(ROUNDS, seed, Soak.FOLDER, System.out::println);
        assertThat(tally.rounds()).isEqualTo(ROUNDS);
        assertThat(tally.restored()).isGreaterThan(ROUNDS);
        assertThat(tally.needless()).hasSizeLessThan(2);
        assertThat(tally.spoilt()).isLessThan(ROUNDS / 20);
    }

    /// The server is killed too.
    @Test
    void norInABucketOfARealServer() throws IOException {
        long seed = Long.getLong("seed", System.nanoTime());
        Tally tally = Soak.run(BUCKET_ROUNDS, seed, Place.Bucket::new, System.out::println);
        assertThat(tally.rounds()).isEqualTo(BUCKET_ROUNDS);
        assertThat(tally.restored()).isGreaterThan(BUCKET_ROUNDS);
        assertThat(tally.needless()).isEmpty();
    }
}
