package dev.holdfast.restore.history;

import java.util.OptionalInt;

/// Which part of a history is wanted.
///
/// @param sinceMicros nothing before this time
/// @param untilMicros nothing after this time
/// @param limit only the newest so many entries of those
public record HistoryQuery(long sinceMicros, long untilMicros, OptionalInt limit) {
    public static final HistoryQuery ALL = new HistoryQuery(0, Long.MAX_VALUE, OptionalInt.empty());

    public HistoryQuery {
        if (limit.isPresent() && limit.getAsInt() < 1) {
            throw new IllegalArgumentException("limit " + limit.getAsInt() + ", wanted at least 1");
        }
    }

    boolean includes(HistoryEntry entry) {
        return entry.micros() >= sinceMicros && entry.micros() <= untilMicros;
    }
}
