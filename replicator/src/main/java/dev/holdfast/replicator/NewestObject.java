package dev.holdfast.replicator;

import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogEnd;

import java.io.IOException;

/// The newest object of a log that is ours. The run that stored it may have been killed before the
/// store's answer came, or before it had read an object that the store did not vouch for: what is
/// there is called durable by the next one, which gives up what it has of it here.
final class NewestObject {
    private NewestObject() {}

    /// Reads all of it, while what belongs there is still on this machine.
    ///
    /// @throws SidecarException.CorruptArchive if it is damaged
    static void requireWhole(Archive archive, LogEnd end, Spool spool) throws IOException {
        if (spool.entry(end.last().seq()).isEmpty()) {
            return;
        }
        try {
            archive.prove(end.object());
        } catch (FormatException e) {
            throw new SidecarException.CorruptArchive(
                    e,
                    "Remove that object from %s, and start again: this machine still has what belongs there, and stores it once more. Where nothing can be removed, replicate into another place."
                            .formatted(archive.store().location()));
        }
    }
}
