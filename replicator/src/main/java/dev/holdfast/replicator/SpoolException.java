package dev.holdfast.replicator;

import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;

import java.io.IOException;
import java.nio.file.Path;

/// The spool could not be written: ours, and none of the live database's business. What was
/// appended since the last cut is given up and read again.
final class SpoolException extends IOException {
    private static final long serialVersionUID = 1;

    SpoolException(IOException cause) {
        super(IoReason.of(cause), cause);
    }

    /// Whether the disk is well, and there is only no room for more.
    boolean isForLackOfRoom() {
        return getCause() instanceof NoRoomException;
    }

    /// What an operator is told of a spool that can't be written.
    ///
    /// @param spool its folder
    static SidecarException told(Path spool, IOException failure) {
        if (failure.getCause() instanceof NoRoomException full) {
            return new SidecarException.LocalFiles(
                    "nothing more is captured: " + full.getMessage(), full.remedy(), failure);
        }
        return new SidecarException.LocalFiles(
                "can't write the spool " + spool + ": " + IoReason.of(failure),
                "Make room on the disk of the state folder, or check its permissions; capture goes"
                        + " on by itself then.",
                failure);
    }
}
