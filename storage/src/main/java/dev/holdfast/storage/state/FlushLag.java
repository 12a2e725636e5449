package dev.holdfast.storage.state;

import dev.holdfast.format.failure.Reached;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a request to flush still waits for.
///
/// @param isCaptured whether all was captured that was committed when it was made
/// @param capturedTx the last transaction that was captured
/// @param destinations how far each has come
public record FlushLag(boolean isCaptured, long capturedTx, List<Reached> destinations) {
    private static final Pattern HEAD = Pattern.compile("holdfast flushing ([01]) (\\d{1,18})");
    private static final Pattern DESTINATION =
            Pattern.compile("([01]) (\\d{1,18}) (\\d{1,18}) ([01]) (.+)");

    public FlushLag {
        destinations = List.copyOf(destinations);
    }

    String toLines() {
        StringBuilder lines =
                new StringBuilder(
                        "holdfast flushing %d %d\n".formatted(bit(isCaptured), capturedTx));
        for (Reached each : destinations) {
            lines.append(
                    "%d %d %d %d %s\n"
                            .formatted(
                                    bit(each.isJoined()),
                                    each.durableTx(),
                                    each.waitingBytes(),
                                    bit(each.isRestorable()),
                                    each.store()));
        }
        return lines.toString();
    }

    private static int bit(boolean is) {
        return is ? 1 : 0;
    }

    /// Empty if the text is none.
    static Optional<FlushLag> parse(String text) {
        List<String> lines = text.lines().toList();
        Matcher head = HEAD.matcher(lines.isEmpty() ? "" : lines.getFirst());
        if (!head.matches()) {
            return Optional.empty();
        }
        List<Reached> destinations = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            Matcher each = DESTINATION.matcher(line);
            if (!each.matches()) {
                return Optional.empty();
            }
            destinations.add(
                    new Reached(
                            each.group(5),
                            isSet(each.group(1)),
                            Long.parseLong(each.group(2)),
                            Long.parseLong(each.group(3)),
                            isSet(each.group(4))));
        }
        if (destinations.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new FlushLag(isSet(head.group(1)), Long.parseLong(head.group(2)), destinations));
    }

    private static boolean isSet(String bit) {
        return bit.equals("1");
    }
}
