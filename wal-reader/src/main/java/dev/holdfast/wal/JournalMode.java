package dev.holdfast.wal;

/// How a database keeps its commits safe, as its header says. WAL is the one that can be tailed.
public enum JournalMode {
    ROLLBACK,
    WAL,
    /// Two logs in turn, from a branch of SQLite.
    WAL2,
    /// A version number from after this was written.
    UNKNOWN;

    static JournalMode of(int fileFormatVersion) {
        return switch (fileFormatVersion) {
            case 1 -> ROLLBACK;
            case 2 -> WAL;
            case 3 -> WAL2;
            default -> UNKNOWN;
        };
    }
}
