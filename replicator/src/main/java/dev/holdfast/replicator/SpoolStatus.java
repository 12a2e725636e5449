package dev.holdfast.replicator;

import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.state.StateFolder;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// What is captured and not yet in the store, seen from outside while a follower may be at work:
/// reads the spool and changes nothing.
///
/// @param capturedTx the last transaction that stands in the spool
/// @param capturedMicros its time
/// @param waitingTransactions after the store's last segment
/// @param waitingBytes of segments after the store's last
public record SpoolStatus(
        long capturedTx, long capturedMicros, long waitingTransactions, long waitingBytes) {

    /// Empty if nothing stands in the spool.
    ///
    /// @param state the state folder
    /// @param durableSeq the store's last segment, asked for before this
    public static Optional<SpoolStatus> read(Path state, long durableSeq) {
        Path spool = StateFolder.spoolIn(state);
        try {
            return read(files(spool), durableSeq);
        } catch (IOException e) {
            throw new SidecarException.LocalFiles(
                    "can't read the spool " + spool + ": " + IoReason.of(e),
                    "Run the command as the user that replicate runs as.",
                    e);
        }
    }

    private static NavigableMap<Long, Path> files(Path spool) throws IOException {
        NavigableMap<Long, Path> files = new TreeMap<>();
        if (!Files.isDirectory(spool)) {
            return files;
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(spool, "*" + Spool.SUFFIX)) {
            found.forEach(path -> files.put(Spool.firstSeq(path), path));
        }
        return files;
    }

    private static Optional<SpoolStatus> read(NavigableMap<Long, Path> files, long durableSeq)
            throws IOException {
        Long first = files.floorKey(durableSeq + 1);
        Optional<SpoolStatus> status = Optional.empty();
        Optional<SpoolEntry> last = Optional.empty();
        long waitingTransactions = 0;
        long waitingBytes = 0;
        for (Path path : (first == null ? files : files.tailMap(first, true)).values()) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                SpoolFile file = new SpoolFile(Spool.firstSeq(path), path, channel);
                SpoolScan scan = new SpoolScan(file);
                long offset = 0;
                long seq = file.firstSeq();
                for (Optional<SpoolEntry> entry = scan.at(offset, seq, last);
                        entry.isPresent();
                        entry = scan.at(offset, seq, last)) {
                    last = entry;
                    SegmentHeader header = entry.get().header();
                    if (seq > durableSeq) {
                        waitingTransactions += header.recordCount();
                        waitingBytes += header.storedLength();
                    }
                    offset = entry.get().end();
                    seq++;
                    status =
                            Optional.of(
                                    new SpoolStatus(
                                            header.lastTx(),
                                            header.lastMicros(),
                                            waitingTransactions,
                                            waitingBytes));
                }
            } catch (NoSuchFileException _) {
                // Its owner has shipped it meanwhile
            }
        }
        return status;
    }
}
