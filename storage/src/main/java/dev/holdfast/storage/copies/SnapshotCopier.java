package dev.holdfast.storage.copies;

import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.archive.SnapshotReader;

import java.io.IOException;

/// Copies snapshots.
public final class SnapshotCopier {
    private SnapshotCopier() {}

    /// Copies one.
    ///
    /// @throws FormatException if it is damaged
    /// @throws dev.holdfast.format.failure.SidecarException if what is there under its name is
    public static Copied copy(SnapshotReader snapshot, ObjectStore to, SnapshotReader.Step step)
            throws IOException, FormatException {
        try (ObjectUpload upload = to.upload(snapshot.object());
                SnapshotReader.Blocks blocks = snapshot.storedBlocks()) {
            upload.write(snapshot.head());
            blocks.readOn(snapshot.blockCount());
            for (int block = 0; block < snapshot.blockCount(); block++) {
                step.next();
                upload.write(blocks.stored(block));
            }
            upload.write(snapshot.tail());
            if (upload.commit() instanceof CreateOutcome.Created) {
                return new Copied.Stored(snapshot.object(), snapshot.objectBytes());
            }
        }
        TakenObject.requireSnapshot(to, snapshot, step);
        return new Copied.Taken(snapshot.object());
    }
}
