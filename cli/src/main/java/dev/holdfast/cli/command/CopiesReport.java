package dev.holdfast.cli.command;

import dev.holdfast.cli.output.JsonObject;
import dev.holdfast.restore.CopiesRestorer;
import dev.holdfast.storage.copies.CombinedStore;

import java.util.List;
import java.util.stream.Stream;

/// What is said of several copies that were read together.
///
/// @param hasSeveral whether there were several at all
record CopiesReport(CopiesRestorer.Result result, boolean hasSeveral) {
    JsonObject addTo(JsonObject json) {
        if (!hasSeveral) {
            return json;
        }
        return json.put("taken", result.taken().stream().map(CopiesReport::json).toList())
                .put("unusable", result.unusable().stream().map(CopiesReport::json).toList());
    }

    private static JsonObject json(CombinedStore.Taken taken) {
        return new JsonObject()
                .put("object", taken.object())
                .putTexts("from", taken.from())
                .put("because", taken.because());
    }

    private static JsonObject json(CopiesRestorer.Unusable unusable) {
        return new JsonObject().put("from", unusable.location()).put("because", unusable.because());
    }

    List<String> lines() {
        Stream<String> taken = result.taken().stream().map(CopiesReport::text);
        Stream<String> unusable =
                result.unusable().stream()
                        .map(each ->
                                "%s could not be used: %s"
                                        .formatted(each.location(), each.because()));
        return Stream.concat(unusable, taken).toList();
    }

    private static String text(CombinedStore.Taken taken) {
        return taken.from().isEmpty()
                ? "left out %s, which no copy has whole: %s"
                        .formatted(taken.object(), taken.because())
                : "took %s from %s: %s"
                        .formatted(
                                taken.object(),
                                String.join(" and ", taken.from()),
                                taken.because());
    }
}
