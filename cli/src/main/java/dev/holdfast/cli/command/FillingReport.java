package dev.holdfast.cli.command;

import dev.holdfast.cli.output.Amounts;
import dev.holdfast.cli.output.JsonObject;
import dev.holdfast.replicator.FollowerEvent;

/// What is said of a destination that is given what it lacks.
final class FillingReport {
    private FillingReport() {}

    static JsonObject addTo(JsonObject event, FollowerEvent.Filling now) {
        return event.put("to", now.store())
                .put("from", now.from())
                .put("segment", now.seq())
                .put("wanted_segment", now.wantedSeq());
    }

    static String text(FollowerEvent.Filling now) {
        return "%s gets what it lacks from %s: it has segment %,d of %,d"
                .formatted(now.store(), now.from(), now.seq(), now.wantedSeq());
    }

    static JsonObject addTo(JsonObject event, FollowerEvent.Filled done) {
        return event.put("to", done.store())
                .put("from", done.from())
                .put("objects", done.objects())
                .put("bytes", done.bytes())
                .put("seconds", done.took().toNanos() / 1e9);
    }

    static String text(FollowerEvent.Filled done) {
        return "%s has what it lacked, from %s: %s (%s) in %s"
                .formatted(
                        done.store(),
                        done.from(),
                        Amounts.count(done.objects(), "object", "objects"),
                        Amounts.size(done.bytes()),
                        Amounts.duration(done.took()));
    }
}
