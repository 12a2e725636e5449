package dev.holdfast.format;

import dev.holdfast.format.failure.FormatException;

/// Why history begins anew at a base record. The numbers stand in the log and never change.
public enum RebaseReason {
    FIRST(1, "the archive begins"),
    CONTINUITY_LOST(2, "commits may be missing before this one, as not all of them could be seen"),
    DATABASE_REPLACED(3, "another file took the place of the database"),
    DATABASE_BEHIND(4, "the database was older than the archive, as after a restore");

    private final int number;
    private final String text;

    RebaseReason(int number, String text) {
        this.number = number;
        this.text = text;
    }

    public int number() {
        return number;
    }

    static RebaseReason of(int number, FieldCheck check) throws FormatException {
        for (RebaseReason reason : values()) {
            if (reason.number == number) {
                return reason;
            }
        }
        throw check.bad("reason", number, "1 to 4");
    }

    /// For people: one clause.
    public String text() {
        return text;
    }
}
