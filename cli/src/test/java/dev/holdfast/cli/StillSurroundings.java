package dev.holdfast.cli;

import dev.holdfast.cli.command.Surroundings;

import java.io.PrintStream;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;

/// What a command runs in when no terminal is there, no time passes, and nobody sends a signal.
final class StillSurroundings {
    private StillSurroundings() {}

    static Surroundings of(PrintStream out, PrintStream err) {
        return new Surroundings(
                out,
                err,
                false,
                false,
                Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC),
                () -> 0,
                (_, _) -> {},
                Map.of());
    }
}
