package dev.holdfast.replicator;

import java.io.IOException;

/// The spool could not be written: ours, and none of the live database's business. What was
/// appended since the last cut is given up and read again.
final class SpoolException extends IOException {
    private static final long serialVersionUID = 1;

    SpoolException(IOException cause) {
        super(cause.toString(), cause);
    }
}
