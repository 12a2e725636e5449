package dev.holdfast.cli.command;

import dev.holdfast.cli.output.JsonObject;
import dev.holdfast.cli.output.ReachedJson;
import dev.holdfast.format.failure.Reached;
import dev.holdfast.replicator.FollowerEnd;

import java.util.Map;

/// How a `replicate` ended, for people and for programs.
///
/// @param requests to each store, by their kinds; none where nobody counts them
record ReplicateEnd(FollowerEnd end, Map<String, Map<String, Long>> requests) {
    JsonObject addTo(JsonObject stopped) {
        return stopped.put("captured_tx", end.capturedTx())
                .put("durable_tx", end.durableTx())
                .put("waiting_bytes", end.waitingBytes())
                .put("restorable", end.isRestorable())
                .put("all_durable", end.isAllDurable())
                .put("destinations", end.reached().stream().map(this::destination).toList());
    }

    private JsonObject destination(Reached reached) {
        JsonObject counts = new JsonObject();
        requests.getOrDefault(reached.store(), Map.of())
                .forEach((kind, count) -> counts.put(kind, count.longValue()));
        return ReachedJson.of(reached).put("requests", counts);
    }

    String text() {
        return end.isAllDurable()
                ? "stopped: all is durable, up to transaction " + end.durableTx()
                : "stopped: durable up to transaction "
                        + end.durableTx()
                        + " of "
                        + end.capturedTx();
    }
}
