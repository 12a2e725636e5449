package dev.holdfast.cli.demo;

import dev.holdfast.cli.command.StopSignals;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Whether the demo was told to stop, which it looks at wherever it waits.
final class DemoStop {
    /// A terminal's Ctrl-C ends the agent too, and the demo may see that before its own signal.
    private static final Duration SIGNAL_DELAY = Duration.ofSeconds(2);

    private final AtomicInteger signal = new AtomicInteger();
    private final CountDownLatch latch = new CountDownLatch(1);

    /// Unwinds a demo that was told to stop.
    static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1;

        private Stopped() {
            super("told to stop");
        }
    }

    void listenTo(StopSignals signals) {
        signals.handle(
                number -> {
                    signal.set(number);
                    latch.countDown();
                },
                number -> Runtime.getRuntime().halt(StopSignals.EXIT_BASE + number));
    }

    CountDownLatch latch() {
        return latch;
    }

    /// Throws [Stopped] if it was told to.
    void check() {
        if (latch.getCount() == 0) {
            throw new Stopped();
        }
    }

    /// Whether a failure comes of the signal, be it that this is only on its way.
    boolean explainsFailure() {
        try {
            return latch.await(SIGNAL_DELAY.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    int exitCode() {
        return StopSignals.EXIT_BASE + signal.get();
    }
}
