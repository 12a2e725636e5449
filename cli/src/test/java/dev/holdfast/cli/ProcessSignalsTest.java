package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

final class ProcessSignalsTest {
    private static final int TERM = 15;
    private static final int INT = 2;

    private final List<String> seen = new ArrayList<>();
    private long now = Long.MAX_VALUE;
    private final IntConsumer received =
            ProcessSignals.inOrder(
                    () -> now, n -> seen.add("first " + n), n -> seen.add("again " + n));

    @Test
    void anEchoOfTheFirstSignalIsNotTheSecond() {
        received.accept(TERM);
        received.accept(TERM);
        now += Duration.ofMillis(249).toNanos();
        received.accept(INT);
        assertThat(seen).containsExactly("first 15");
    }

    @Test
    void aLaterSignalIsTheSecond() {
        received.accept(TERM);
        now += Duration.ofMillis(250).toNanos();
        received.accept(INT);
        assertThat(seen).containsExactly("first 15", "again 2");
    }
}
