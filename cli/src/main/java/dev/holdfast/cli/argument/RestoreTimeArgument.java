package dev.holdfast.cli.argument;

import dev.holdfast.format.failure.SidecarException;

import picocli.CommandLine.ITypeConverter;

import java.time.Duration;

/// How long a restore may take: a duration, and not none.
public final class RestoreTimeArgument implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
        Duration duration = new DurationArgument().convert(text);
        check("", duration);
        return duration;
    }

    /// Refuses what no restore can be done in.
    ///
    /// @param of what the message begins with
    public static void check(String of, Duration duration) {
        if (duration.isZero()) {
            throw new SidecarException.BadUsage(
                    of + "found 0, wanted a time in which a restore can be done",
                    "Write 30s, say.");
        }
    }
}
