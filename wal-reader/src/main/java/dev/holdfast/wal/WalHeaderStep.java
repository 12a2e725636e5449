package dev.holdfast.wal;

/// What one look at the header of a `-wal` found.
public sealed interface WalHeaderStep {
    /// Whole, and of a kind that can be read.
    record Valid(WalHeader header) implements WalHeaderStep {}

    /// The file has no byte: nothing was written since it was created, or since a TRUNCATE
    /// checkpoint.
    record Empty() implements WalHeaderStep {}

    /// Shorter than a header, or the checksum is wrong: a writer is at it, or died there. SQLite
    /// takes such a WAL for empty.
    record Torn() implements WalHeaderStep {}

    /// Not a WAL. SQLite takes it for empty.
    record Foreign(int magic) implements WalHeaderStep {}

    /// Whole, but of a version or page size that stock SQLite does not write.
    record Unsupported(int version, int pageSize) implements WalHeaderStep {}
}
