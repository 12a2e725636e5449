package dev.holdfast.cli.argument;

import dev.holdfast.format.failure.SidecarException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ITypeConverter;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations on the command line: `30s`, `5m`, `2h30m`, `500ms`, `7d`. The unit is never left out.
public final class DurationArgument implements ITypeConverter<Duration> {
    /// A hundred years: more is a slip of the finger, and sums with a time would overflow.
    static final Duration MAX = Duration.ofDays(36_500);

    private static final Pattern FORM =
            Pattern.compile(
                    "(?:(\\d{1,9})d)?(?:(\\d{1,9})h)?(?:(\\d{1,9})m)?(?:(\\d{1,9})s)?"
                            + "(?:(\\d{1,9})ms)?");
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    @Override
    public Duration convert(String text) {
        if (NUMBER.matcher(text).matches()) {
            throw new SidecarException.BadUsage(
                    "found \"" + text + "\", wanted a duration with its unit",
                    "Write " + text + "s for seconds, " + text + "m for minutes.");
        }
        Duration duration =
                parse(text)
                        .orElseThrow(() ->
                                new SidecarException.BadUsage(
                                        "found \"" + text + "\", wanted a duration",
                                        "Write it as 30s, 5m, 2h30m, 500ms or 7d."));
        if (duration.compareTo(MAX) > 0) {
            throw new SidecarException.BadUsage(
                    "found \"" + text + "\", wanted at most " + MAX.toDays() + "d",
                    "Give a shorter duration.");
        }
        return duration;
    }

    /// The duration, if the text has the form of one; of any length up to 27,000 centuries.
    static Optional<Duration> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (text.isEmpty() || !matcher.matches()) {
            return Optional.empty();
        }
        return Optional.of(
                Duration.ofDays(number(matcher.group(1)))
                        .plusHours(number(matcher.group(2)))
                        .plusMinutes(number(matcher.group(3)))
                        .plusSeconds(number(matcher.group(4)))
                        .plusMillis(number(matcher.group(5))));
    }

    private static long number(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
