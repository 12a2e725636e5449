package dev.holdfast.cli.argument;

import dev.holdfast.format.failure.SidecarException;

import picocli.CommandLine.ITypeConverter;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Bytes on the command line: `500MB`, `2GB`, `256MiB`. Never without a unit, which nobody would
/// guess the same.
public final class SizeArgument implements ITypeConverter<Long> {
    private static final Pattern FORM = Pattern.compile("([1-9]\\d{0,5})([A-Za-z]+)");
    private static final Map<String, Long> UNITS =
            Map.of(
                    "kB",
                    1_000L,
                    "MB",
                    1_000_000L,
                    "GB",
                    1_000_000_000L,
                    "TB",
                    1_000_000_000_000L,
                    "KiB",
                    1L << 10,
                    "MiB",
                    1L << 20,
                    "GiB",
                    1L << 30,
                    "TiB",
                    1L << 40);

    @Override
    public Long convert(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches() || !UNITS.containsKey(form.group(2))) {
            throw new SidecarException.BadUsage(
                    "found \"" + text + "\", wanted a size such as 500MB, 2GB or 256MiB",
                    "Write a whole number and a unit: kB, MB, GB, TB, KiB, MiB, GiB or TiB.");
        }
        return Long.parseLong(form.group(1)) * UNITS.get(form.group(2));
    }
}
