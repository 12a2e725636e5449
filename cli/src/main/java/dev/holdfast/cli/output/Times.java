package dev.holdfast.cli.output;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Moments as text, in a form that `--at`, `--since` and `--until` take back without loss.
public final class Times {
    // Six digits always: the archive keeps microseconds, and columns stay columns.
    private static final DateTimeFormatter RFC_3339 =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private Times() {}

    /// For example `2026-03-01T12:00:00.000000Z`; what is finer than a microsecond is cut off.
    public static String rfc3339(Instant time) {
        return RFC_3339.format(time);
    }
}
