package dev.holdfast.storage.state;

import dev.holdfast.format.Micros;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What was durable when a request to flush was done: all that was committed when it was made, or
/// more.
///
/// @param tx the last transaction that is durable
/// @param seq its segment
/// @param micros its time
public record FlushAnswer(long tx, long seq, long micros) {
    private static final Pattern LINE =
            Pattern.compile("holdfast flushed (\\d{1,18}) (\\d{1,18}) (\\d{1,18})\n");

    public Instant time() {
        return Micros.toInstant(micros);
    }

    String toLine() {
        return "holdfast flushed %d %d %d\n".formatted(tx, seq, micros);
    }

    /// Empty if the text is none.
    static Optional<FlushAnswer> parse(String text) {
        Matcher matcher = LINE.matcher(text);
        return matcher.matches()
                ? Optional.of(
                        new FlushAnswer(
                                Long.parseLong(matcher.group(1)),
                                Long.parseLong(matcher.group(2)),
                                Long.parseLong(matcher.group(3))))
                : Optional.empty();
    }
}
