package dev.holdfast.wal;

import java.io.IOException;

/// A frame that had been verified was no longer the same when its page was asked for.
///
/// SQLite leaves committed frames alone while anyone holds a read lock that covers them. So the
/// caller's was not held, was lost, or someone other than SQLite writes to the file. Nothing that
/// was handed out before is in doubt.
public final class WalChangedException extends IOException {
    private static final long serialVersionUID = 1;

    WalChangedException(long frame) {
        super(
                "WAL frame "
                        + frame
                        + " changed after it was verified: a read lock that covers it was not"
                        + " held");
    }
}
