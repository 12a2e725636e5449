package dev.holdfast.replicator;

/// How a run ended.
///
/// @param isAllCaptured whether everything that was committed before the stop was read
/// @param capturedTx the last transaction that was captured; 0 if none was
/// @param durableTx the last one that the store has acknowledged
/// @param waitingBytes in the spool, not acknowledged
/// @param isRestorable whether a snapshot is there, so that what is durable can be restored
public record FollowerEnd(
        boolean isAllCaptured,
        long capturedTx,
        long durableTx,
        long waitingBytes,
        boolean isRestorable) {
    public boolean isAllDurable() {
        return isAllCaptured
                && durableTx == capturedTx
                && waitingBytes == 0
                && (isRestorable || capturedTx == 0);
    }
}
