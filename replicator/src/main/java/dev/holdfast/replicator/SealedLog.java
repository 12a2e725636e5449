package dev.holdfast.replicator;

import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.SidecarException;

import java.util.Optional;

/// A log that is encrypted is never gone on with in the clear: who forgets an option must not
/// publish what was to be secret.
final class SealedLog {
    private SealedLog() {}

    /// To be called before anything is written.
    ///
    /// @param last of the log
    /// @param isSealing whether what comes next is encrypted
    /// @param where the log is
    /// @throws SidecarException.BadUsage if it is not, and must be
    static void requireKept(Optional<SegmentHeader> last, boolean isSealing, String where) {
        if (!isSealing && last.filter(SegmentHeader::isSealed).isPresent()) {
            throw new SidecarException.BadUsage(
                    "the log in %s is encrypted up to segment %d, and no recipient was given"
                            .formatted(where, last.get().seq()),
                    "Give the recipients (--recipient, --recipients or --key-file) as before; to"
                            + " go on in the clear, begin another archive.");
        }
    }

    /// To be called before anything is shipped: a run that could not ask the store may have
    /// captured in the clear.
    ///
    /// @param last of the log in the store
    /// @param waiting for it in the spool
    /// @throws SidecarException.BadUsage if that can't be shipped
    static void requireFollowed(
            Optional<SegmentHeader> last, Optional<SpoolEntry> waiting, String where) {
        if (last.filter(SegmentHeader::isSealed).isPresent()
                && waiting.filter(entry -> !entry.header().isSealed()).isPresent()) {
            throw new SidecarException.BadUsage(
                    "the log in %s is encrypted up to segment %d, and segment %d waits in the spool in the clear"
                            .formatted(where, last.get().seq(), waiting.get().seq()),
                    "Move the state folder away, and start with the recipients and --take-over:"
                            + " what waits in it is not shipped, and history begins anew with the"
                            + " database as it is.");
        }
    }
}
