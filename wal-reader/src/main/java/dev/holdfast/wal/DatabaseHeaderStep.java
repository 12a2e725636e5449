package dev.holdfast.wal;

/// What one look at the beginning of a database file found.
public sealed interface DatabaseHeaderStep {
    /// A database. Whether it can be tailed is another question: [DatabaseHeader#journalMode].
    record Valid(DatabaseHeader header) implements DatabaseHeaderStep {}

    /// No byte: a database in which nothing was created yet.
    record Empty() implements DatabaseHeaderStep {}

    /// Begins like a database, but ends before its header does.
    record Truncated(long bytes) implements DatabaseHeaderStep {}

    /// Begins with something else; an encrypted database does.
    ///
    /// @param found the first bytes, at most 16, what is not printable shown as a dot
    record NotADatabase(String found) implements DatabaseHeaderStep {}

    /// A database by its first bytes, but no SQLite has pages of that size.
    record BadPageSize(int pageSize) implements DatabaseHeaderStep {}
}
