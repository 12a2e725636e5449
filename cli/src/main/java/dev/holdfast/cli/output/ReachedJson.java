package dev.holdfast.cli.output;

import dev.holdfast.format.failure.Reached;

/// How far a destination has come, for programs.
public final class ReachedJson {
    private ReachedJson() {}

    public static JsonObject of(Reached reached) {
        return new JsonObject()
                .put("to", reached.store())
                .put("joined", reached.isJoined())
                .put("durable_tx", reached.durableTx())
                .put("waiting_bytes", reached.waitingBytes())
                .put("restorable", reached.isRestorable());
    }
}
