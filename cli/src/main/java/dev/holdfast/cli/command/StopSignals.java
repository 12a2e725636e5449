package dev.holdfast.cli.command;

import java.util.function.IntConsumer;

/// Lets a command stop in its own way when it is told to: SIGTERM, SIGINT, SIGHUP.
@FunctionalInterface
public interface StopSignals {
    /// What a shell reports of a process that a signal ended is this plus the signal's number.
    int EXIT_BASE = 128;

    /// Sets what the signals do from now on.
    ///
    /// @param first called once, at the first signal, with its number
    /// @param again called at the second one; nobody waits any longer
    void handle(IntConsumer first, IntConsumer again);
}
