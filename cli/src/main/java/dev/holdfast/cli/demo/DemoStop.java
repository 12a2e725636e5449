package dev.holdfast.cli.demo;

import dev.holdfast.cli.command.StopRequest;
import dev.holdfast.cli.command.StopSignals;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Whether the demo was told to stop, which it looks at wherever it waits.
final class DemoStop {
    /// A terminal's Ctrl-C ends the agent too, and the demo may see that before its own signal.
    private static final Duration SIGNAL_DELAY = Duration.ofSeconds(2);

    private final StopRequest request = new StopRequest();

    /// Unwinds a demo that was told to stop.
    static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1;

        private Stopped() {
            super("told to stop");
        }
    }

    void listenTo(StopSignals signals) {
        request.listenTo(signals);
    }

    CountDownLatch latch() {
        return request.latch();
    }

    /// Throws [Stopped] if it was told to.
    void check() {
        if (request.isMade()) {
            throw new Stopped();
        }
    }

    /// Whether a failure comes of the signal, be it that this is only on its way.
    boolean explainsFailure() {
        try {
            return latch().await(SIGNAL_DELAY.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    int exitCode() {
        return request.exitCode();
    }
}
