package dev.holdfast.tests.soak;

import dev.holdfast.tests.harness.WalFrames;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/// What SQLite 3.40 does to a database by itself: it commits frames without a checksum now and
/// then, and when all are killed who had the database open, its recovery drops these, or lays older
/// pages over newer ones. Of a database to which that is about to happen nothing can be demanded.
final class Spoilt {
    // Of the wal-index: the number of the last frame
    private static final int MAX_FRAME_AT = 16;

    private Spoilt() {}

    /// @param database that no process has open
    static boolean isSpoilt(Path database) throws IOException {
        Path wal = sibling(database, "-wal");
        Path shm = sibling(database, "-shm");
        if (!Files.exists(wal) || !Files.exists(shm) || Files.size(wal) < WalFrames.HEADER_BYTES) {
            return false;
        }
        WalFrames frames = WalFrames.of(wal);
        int last =
                ByteBuffer.wrap(Files.readAllBytes(shm))
                        .order(ByteOrder.nativeOrder())
                        .getInt(MAX_FRAME_AT);
        int proven = frames.count();
        return proven < last && frames.isUnsealed(proven + 1);
    }

    private static Path sibling(Path database, String suffix) {
        return database.resolveSibling(database.getFileName() + suffix);
    }
}
