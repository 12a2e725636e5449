package dev.holdfast.replicator;

/// The live database can't be read just now: the connection is no longer good, or the files are not
/// what they were. The follower lets go of everything and attaches anew; whether commits were
/// missed is then found out by proof.
final class LiveDatabaseException extends Exception {
    private static final long serialVersionUID = 1;

    /// What can still be believed of what was captured.
    enum Doubt {
        /// Everything, and of the connection too: only the database file can't grow. Whoever lets
        /// go now could miss commits.
        NOTHING,

        /// None: any proof of continuity will do.
        NONE,

        /// The WAL can't prove anything, as the database file was written past it; its pages can.
        WAL,

        /// What was found contradicts what was captured: no proof can be believed, history must
        /// begin anew.
        EVERYTHING,

        /// As [#EVERYTHING], and of SQLite's own recovery too: the database must stay open.
        RECOVERY
    }

    private final Doubt doubt;

    LiveDatabaseException(String message, Throwable cause) {
        this(message, cause, Doubt.NONE);
    }

    LiveDatabaseException(String message) {
        this(message, Doubt.NONE);
    }

    private LiveDatabaseException(String message, Throwable cause, Doubt doubt) {
        super(message, cause);
        this.doubt = doubt;
    }

    private LiveDatabaseException(String message, Doubt doubt) {
        super(message);
        this.doubt = doubt;
    }

    static LiveDatabaseException continuityLost(String message) {
        return new LiveDatabaseException(message, Doubt.EVERYTHING);
    }

    static LiveDatabaseException unsealed(String message) {
        return new LiveDatabaseException(message, Doubt.RECOVERY);
    }

    static LiveDatabaseException noRoom(String message, Throwable cause) {
        return new LiveDatabaseException(message, cause, Doubt.NOTHING);
    }

    static LiveDatabaseException overwritten(String message) {
        return new LiveDatabaseException(message, Doubt.WAL);
    }

    Doubt doubt() {
        return doubt;
    }
}
