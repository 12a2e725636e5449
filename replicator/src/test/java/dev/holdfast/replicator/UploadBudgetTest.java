package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.InstantSource;

final class UploadBudgetTest {
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final int BURST = 3;

    private long now = Long.MAX_VALUE - 1; // nanoTime may be anything, and overflow
    private final UploadBudget budget =
            new UploadBudget(
                    new UploadRate(INTERVAL, BURST),
                    new Timekeeper(InstantSource.system(), () -> now));

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private void spendBurst() {
        for (int i = 0; i < BURST; i++) {
            assertThat(budget.untilNext()).as("upload %d", i).isZero();
            budget.spend();
        }
    }

    @Test
    void aFullBudgetGivesItsBurstAtOnceAndThenOneInEachInterval() {
        spendBurst();
        for (int i = 0; i < 10; i++) {
            assertThat(budget.untilNext()).isEqualTo(INTERVAL);
            pass(INTERVAL.minusNanos(1));
            assertThat(budget.untilNext()).isEqualTo(Duration.ofNanos(1));
            pass(Duration.ofNanos(1));
            assertThat(budget.untilNext()).isZero();
            budget.spend();
        }
    }

    @Test
    void noMoreThanABurstIsSavedUp() {
        spendBurst();
        pass(INTERVAL.multipliedBy(100));
        spendBurst();
        assertThat(budget.untilNext()).isEqualTo(INTERVAL);
    }

    @Test
    void whatIsSpentBeyondItIsNotOwed() {
        for (int i = 0; i < 1_000; i++) {
            budget.spend();
        }
        assertThat(budget.untilNext()).isEqualTo(INTERVAL);
        pass(INTERVAL.multipliedBy(BURST));
        spendBurst();
        assertThat(budget.untilNext()).isEqualTo(INTERVAL);
    }

    @Test
    void withoutALimitThereIsAlwaysOne() {
        UploadBudget unlimited =
                new UploadBudget(
                        UploadRate.UNLIMITED, new Timekeeper(InstantSource.system(), () -> now));
        for (int i = 0; i < 1_000; i++) {
            unlimited.spend();
            assertThat(unlimited.untilNext()).isZero();
        }
    }
}
