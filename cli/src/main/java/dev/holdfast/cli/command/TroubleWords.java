package dev.holdfast.cli.command;

import dev.holdfast.cli.command.TroubleLog.Told;
import dev.holdfast.cli.output.Amounts;
import dev.holdfast.cli.output.JsonObject;

/// How often something went wrong and for how long, as it is printed.
final class TroubleWords {
    private TroubleWords() {}

    static JsonObject addTo(JsonObject event, Told told) {
        return event.put("times", told.times()).put("seconds", told.lasted().toNanos() / 1e9);
    }

    /// A line below what is told; nothing for the first time.
    static String since(Told told) {
        return told.times() == 1
                ? ""
                : "\n  %,d times in %s".formatted(told.times(), Amounts.duration(told.lasted()));
    }

    static String recovered(Told over) {
        return "recovered, after %s in %s: %s"
                .formatted(
                        Amounts.count(over.times(), "failure", "failures"),
                        Amounts.duration(over.lasted()),
                        over.what());
    }
}
