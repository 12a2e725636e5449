package dev.holdfast.replicator;

/// The live database can't be read just now: the connection is no longer good, or the files are not
/// what they were. The follower lets go of everything and attaches anew; whether commits were
/// missed is then found out by proof.
final class LiveDatabaseException extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean isContinuityLost;

    LiveDatabaseException(String message, Throwable cause) {
        super(message, cause);
        this.isContinuityLost = false;
    }

    LiveDatabaseException(String message) {
        this(message, false);
    }

    private LiveDatabaseException(String message, boolean isContinuityLost) {
        super(message);
        this.isContinuityLost = isContinuityLost;
    }

    /// What was found contradicts what was captured: no proof of continuity can be believed,
    /// history must begin anew.
    static LiveDatabaseException continuityLost(String message) {
        return new LiveDatabaseException(message, true);
    }

    boolean isContinuityLost() {
        return isContinuityLost;
    }
}
