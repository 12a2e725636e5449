package dev.holdfast.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.replicator.FollowerEvent.Durable;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

final class DurableLogTest {
    private final AtomicLong now = new AtomicLong();
    private final DurableLog log = new DurableLog(now::get);

    private static Durable durable(String store, long tx) {
        return new Durable(store, tx, 0, tx, 1_000);
    }

    @Test
    void eachIsToldAtOnceAndThenOnceASecond() {
        log.happened(durable("a", 1));
        log.happened(durable("b", 1));
        assertThat(log.due()).containsExactly(durable("a", 1), durable("b", 1));
        assertThat(log.untilDueNanos()).isEmpty();
        log.happened(durable("a", 2));
        log.happened(durable("a", 3));
        assertThat(log.due()).isEmpty();
        assertThat(log.untilDueNanos()).hasValue(Duration.ofSeconds(1).toNanos());
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(log.due()).containsExactly(durable("a", 3));
        assertThat(log.due()).isEmpty();
    }

    @Test
    void whatWasHeldBackIsToldAtTheEnd() {
        log.happened(durable("a", 1));
        assertThat(log.due()).hasSize(1);
        log.happened(durable("a", 2));
        assertThat(log.rest()).isEqualTo(List.of(durable("a", 2)));
        assertThat(log.rest()).isEmpty();
    }

    @Test
    void theSlowestIsDescribedAndWhereNothingIsDurableIsSaid() {
        log.expect("a");
        log.expect("b");
        Instant later = Instant.EPOCH.plusSeconds(3);
        assertThat(log.describe(5, later)).isEqualTo("nothing is durable yet");
        log.happened(durable("a", 5));
        assertThat(log.describe(5, later))
                .startsWith(
                        "nothing is durable in 1 of 2 archives yet; in the others transaction 5, of"
                                + " 3.0 s ago; all is durable");
        log.happened(durable("b", 3));
        assertThat(log.describe(5, later))
                .startsWith("transaction 3, of 3.0 s ago; 2 commits on the way");
    }
}
