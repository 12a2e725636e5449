package dev.holdfast.cli.output;

import java.time.Duration;
import java.util.Locale;

/// Sizes, counts and durations as people read them. Sizes are decimal: 1 MB is 1,000,000 bytes.
public final class Amounts {
    private static final String[] UNITS = {"kB", "MB", "GB", "TB", "PB", "EB"};

    private Amounts() {}

    /// With three digits: `17 bytes`, `1.23 kB`, `45.6 MB`, `789 GB`.
    public static String size(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size of " + bytes + " bytes");
        }
        if (bytes < 1000) {
            return bytes == 1 ? "1 byte" : bytes + " bytes";
        }
        double value = bytes;
        int unit = -1;
        // 999.5 would be rounded to 1000 of the smaller unit.
        while (value >= 999.5) {
            value /= 1000;
            unit++;
        }
        int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
        return String.format(Locale.ROOT, "%." + decimals + "f %s", value, UNITS[unit]);
    }

    /// With separators: `12,345 commits`, `1 commit`.
    public static String count(long count, String one, String many) {
        return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? one : many);
    }

    /// With two units at most: `350 ms`, `12.3 s`, `3 min 20 s`, `5 h 3 min`, `2 d 4 h`. Less than
    /// nothing, as between two clocks that disagree, is `0 ms`.
    public static String duration(Duration duration) {
        if (duration.compareTo(Duration.ofMillis(1)) < 0) {
            return "0 ms";
        }
        if (duration.toMillis() < 1000) {
            return duration.toMillis() + " ms";
        }
        long tenths = duration.toMillis() / 100;
        if (tenths < 600) {
            return tenths / 10 + "." + tenths % 10 + " s";
        }
        if (duration.toHours() == 0) {
            return pair(duration.toMinutes(), "min", duration.toSecondsPart(), "s");
        }
        if (duration.toDays() == 0) {
            return pair(duration.toHours(), "h", duration.toMinutesPart(), "min");
        }
        return pair(duration.toDays(), "d", duration.toHoursPart(), "h");
    }

    private static String pair(long large, String largeUnit, int small, String smallUnit) {
        String text = String.format(Locale.ROOT, "%,d %s", large, largeUnit);
        return small == 0 ? text : text + " " + small + " " + smallUnit;
    }
}
