package dev.holdfast.cli.command;

import dev.holdfast.cli.output.ProgressLine;

import java.io.PrintStream;
import java.time.Clock;
import java.util.Map;
import java.util.function.LongSupplier;

/// What a command runs in: where it prints, what time it is, how it is stopped.
///
/// @param out results, for people or as JSON
/// @param err progress and errors
/// @param isOutTerminal does a person read `out`?
/// @param isErrTerminal does a person read `err`?
/// @param clock the time of day, and the zone of this machine
/// @param nanoTime for durations, as [System#nanoTime]
/// @param environment the variables that a user has set
public record Surroundings(
        PrintStream out,
        PrintStream err,
        boolean isOutTerminal,
        boolean isErrTerminal,
        Clock clock,
        LongSupplier nanoTime,
        StopSignals stopSignals,
        Map<String, String> environment) {
    /// A line of progress, which only a person is shown.
    ///
    /// @param isSilent shows it to nobody
    public ProgressLine progressLine(boolean isSilent) {
        return new ProgressLine(err, isErrTerminal && !isSilent, nanoTime);
    }
}
