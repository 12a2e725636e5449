package dev.holdfast.replicator;

/// The live database can't be read just now: the connection is no longer good, or the files are not
/// what they were. The follower lets go of everything and attaches anew; whether commits were
/// missed is then found out by proof.
final class LiveDatabaseException extends Exception {
    private static final long serialVersionUID = 1;

    LiveDatabaseException(String message, Throwable cause) {
        super(message, cause);
    }

    LiveDatabaseException(String message) {
        super(message);
    }
}
