package dev.holdfast.replicator;

/// How a run ended.
///
/// @param capturedTx the last transaction that was captured; 0 if none was
/// @param durableTx the last one that the store has acknowledged
/// @param waitingBytes in the spool, not acknowledged
/// @param isRestorable whether a snapshot is there, so that what is durable can be restored
public record FollowerEnd(
        long capturedTx, long durableTx, long waitingBytes, boolean isRestorable) {
    public boolean isAllDurable() {
        return durableTx == capturedTx && waitingBytes == 0 && (isRestorable || capturedTx == 0);
    }
}
