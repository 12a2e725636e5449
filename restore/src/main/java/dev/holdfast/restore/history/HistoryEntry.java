package dev.holdfast.restore.history;

import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.WriterId;

/// Something that happened, in the order of the log.
public sealed interface HistoryEntry {
    /// The segment that holds it, or after which it stands.
    long seq();

    /// The object that holds it.
    String object();

    long micros();

    /// A transaction of the application.
    ///
    /// @param pages how many it wrote
    /// @param rawBytes of its record
    /// @param storedBytes its share of its segment, by raw bytes
    /// @param isRestorable whether `restore --tx` can bring it back
    record Commit(
            long seq,
            String object,
            long tx,
            long micros,
            int pages,
            long databasePages,
            long rawBytes,
            long storedBytes,
            boolean isRestorable)
            implements HistoryEntry {}

    /// History begins anew: what was committed between the transaction before and this one is not
    /// in the archive.
    record Base(
            long seq,
            String object,
            long tx,
            long micros,
            RebaseReason reason,
            long databasePages,
            boolean isRestorable)
            implements HistoryEntry {
        /// Whether something may be missing in front of it.
        public boolean isGap() {
            return reason != RebaseReason.FIRST;
        }
    }

    /// A writer took the archive over.
    record Claim(long seq, String object, long micros, WriterId writer) implements HistoryEntry {}

    /// The whole database was stored.
    ///
    /// @param tx the transaction that it gives
    /// @param bytes of the object
    record Snapshot(long seq, String object, long tx, long micros, long databasePages, long bytes)
            implements HistoryEntry {}
}
