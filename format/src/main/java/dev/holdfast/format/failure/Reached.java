package dev.holdfast.format.failure;

import java.io.Serializable;

/// How far a destination has come.
///
/// @param store its location
/// @param isJoined whether it was there in this run; if not, what it has is not known
/// @param durableTx the last transaction that the store has acknowledged
/// @param waitingBytes in the spool, not acknowledged
/// @param isRestorable whether a snapshot is there, so that what is durable can be restored
public record Reached(
        String store, boolean isJoined, long durableTx, long waitingBytes, boolean isRestorable)
        implements Serializable {
    private static final long serialVersionUID = 1;

    /// Whether something was captured that it lacks.
    public boolean isWaitedFor(long capturedTx) {
        return durableTx < capturedTx || waitingBytes > 0;
    }

    public boolean isWhole(long capturedTx) {
        return !isWaitedFor(capturedTx) && (isRestorable || capturedTx == 0);
    }
}
