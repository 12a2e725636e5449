package dev.holdfast.cli.argument;

import dev.holdfast.format.failure.SidecarException;

import picocli.CommandLine.ITypeConverter;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Moments on the command line: RFC 3339 with its zone (`2026-03-01T12:00:00Z`, `2026-03-01
/// 13:00:00.25+01:00`), or so long ago (`10m ago`, `2h30m ago`).
///
/// A time without a zone is refused: on another machine, or on this one after the clocks were
/// changed, it is another moment, and a restore of the wrong moment looks like a good one.
public final class TimeArgument implements ITypeConverter<Instant> {
    private static final Pattern AGO = Pattern.compile("(\\S+)\\s+ago");
    private static final Pattern DATE_AND_TIME =
            Pattern.compile(
                    "(\\d{4}-\\d\\d-\\d\\d)[Tt ](\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?)"
                            + "([Zz]|[+-]\\d\\d:\\d\\d)?");
    private static final Pattern DATE = Pattern.compile("\\d{4}-\\d\\d-\\d\\d");
    private static final Pattern TIME =
            Pattern.compile("\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?");

    private static final String FORMS =
            "Write it as 2026-03-01T12:00:00Z, 2026-03-01T13:00:00+01:00 or \"10m ago\".";

    private final Clock clock;

    /// @param clock what `ago` counts from; its zone is used in hints only
    public TimeArgument(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Instant convert(String text) {
        Matcher ago = AGO.matcher(text);
        if (ago.matches()) {
            return clock.instant().minus(new DurationArgument().convert(ago.group(1)));
        }
        Matcher dateAndTime = DATE_AND_TIME.matcher(text);
        try {
            if (dateAndTime.matches()) {
                return moment(text, dateAndTime);
            }
            if (DATE.matcher(text).matches()) {
                throw withoutZone(text, LocalDate.parse(text).atStartOfDay());
            }
            if (TIME.matcher(text).matches()) {
                throw withoutZone(text, LocalDate.now(clock).atTime(LocalTime.parse(text)));
            }
        } catch (DateTimeException e) {
            throw new SidecarException.BadUsage(
                    "found \"" + text + "\", wanted a time that exists: " + e.getMessage(), FORMS);
        }
        Optional<Duration> duration = DurationArgument.parse(text);
        if (duration.isPresent()) {
            throw new SidecarException.BadUsage(
                    "found \"" + text + "\", a duration, wanted a time",
                    "Write \"" + text + " ago\", in quotes.");
        }
        throw new SidecarException.BadUsage("found \"" + text + "\", wanted a time", FORMS);
    }

    private Instant moment(String text, Matcher matcher) {
        String local = matcher.group(1) + "T" + matcher.group(2);
        String zone = matcher.group(3);
        if (zone == null) {
            throw withoutZone(text, LocalDateTime.parse(local));
        }
        return OffsetDateTime.parse(local + zone.toUpperCase(Locale.ROOT)).toInstant();
    }

    private SidecarException withoutZone(String text, LocalDateTime local) {
        String utc = DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(local) + "Z";
        OffsetDateTime here = local.atZone(clock.getZone()).toOffsetDateTime();
        String machine = DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(here);
        return new SidecarException.BadUsage(
                "found \"" + text + "\", wanted a time with its zone",
                machine.equals(utc)
                        ? "Add the zone: "
                                + utc
                                + " is UTC, which is also the zone of this machine."
                        : "Add the zone: %s is UTC, %s is the zone of this machine."
                                .formatted(utc, machine));
    }
}
