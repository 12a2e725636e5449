package dev.holdfast.wal;

/// What one look at the wal-index found.
public sealed interface WalIndexStep {
    /// A copy that is consistent, as of some moment during the look.
    record Header(WalIndexHeader header) implements WalIndexStep {}

    /// Nobody has written the wal-index yet, or a connection is about to recover it: a SELECT of
    /// ours would bring it about.
    record Uninitialized() implements WalIndexStep {}

    /// The two copies kept differing, or the checksum is wrong: a writer is in the midst of it, or
    /// died there. Look again later; a reader of SQLite's would recover the wal-index.
    record Torn() implements WalIndexStep {}

    /// Whole, but not what stock SQLite writes (WAL2 databases have another version).
    record Unsupported(int version, int pageSize) implements WalIndexStep {}
}
