package dev.holdfast.replicator;

import dev.holdfast.format.failure.IoReason;

import java.io.IOException;

/// The spool could not be written: ours, and none of the live database's business. What was
/// appended since the last cut is given up and read again.
final class SpoolException extends IOException {
    private static final long serialVersionUID = 1;

    SpoolException(IOException cause) {
        super(IoReason.of(cause), cause);
    }

    /// For messages to an operator, who knows no class of ours.
    @Override
    @SuppressWarnings("OverrideThrowableToString") // the message is right as it is
    public String toString() {
        return String.valueOf(getMessage());
    }
}
