package dev.holdfast.cli.command;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// Whether a command was told to stop, and by which signal. The second signal ends the process.
public final class StopRequest {
    private final CountDownLatch latch = new CountDownLatch(1);
    private final AtomicInteger signal = new AtomicInteger();

    /// From now on the signals are listened to here.
    public void listenTo(StopSignals signals) {
        signals.handle(
                number -> {
                    signal.set(number);
                    latch.countDown();
                },
                number -> Runtime.getRuntime().halt(StopSignals.EXIT_BASE + number));
    }

    /// Zero once it was told to.
    public CountDownLatch latch() {
        return latch;
    }

    /// Whether it was told to.
    public boolean isMade() {
        return latch.getCount() == 0;
    }

    /// What a shell reports of a process that was ended by this signal.
    public int exitCode() {
        return StopSignals.EXIT_BASE + signal.get();
    }
}
