package dev.holdfast.replicator;

import dev.holdfast.format.Digest;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.FileKind;
import dev.holdfast.storage.state.StateFolder;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// What stands in a spool, seen from outside while a follower may be at work: reads and changes
/// nothing.
///
/// @param segments in their order
public record SpoolStatus(List<Segment> segments) {
    /// A captured segment.
    public record Segment(SegmentHeader header, Digest digest) {}

    /// What is not in the store.
    public record Waiting(long transactions, long bytes) {}

    public SpoolStatus {
        segments = List.copyOf(segments);
    }

    /// Reads it.
    ///
    /// @param state the state folder
    /// @param fromSeq what lies in files before the one of this segment is left out
    public static SpoolStatus read(Path state, long fromSeq) {
        Path spool = StateFolder.spoolIn(state);
        try {
            return read(files(spool), fromSeq);
        } catch (IOException e) {
            throw new SidecarException.LocalFiles(
                    "can't read the spool " + spool + ": " + IoReason.of(e),
                    "Run the command as the user that replicate runs as.",
                    e);
        }
    }

    /// The last that was captured; empty if nothing stands in the spool.
    public Optional<SegmentHeader> last() {
        return segments.isEmpty() ? Optional.empty() : Optional.of(segments.getLast().header());
    }

    /// Behind a segment.
    public Waiting after(long seq) {
        List<SegmentHeader> behind =
                segments.stream().map(Segment::header).filter(it -> it.seq() > seq).toList();
        return new Waiting(
                behind.stream().mapToLong(SegmentHeader::recordCount).sum(),
                behind.stream().mapToLong(SegmentHeader::storedLength).sum());
    }

    private static NavigableMap<Long, Path> files(Path spool) throws IOException {
        NavigableMap<Long, Path> files = new TreeMap<>();
        FileKind.FOLDER.require(spool);
        if (!Files.isDirectory(spool)) {
            return files;
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(spool, "*" + Spool.SUFFIX)) {
            found.forEach(path -> files.put(Spool.firstSeq(path), path));
        }
        return files;
    }

    private static SpoolStatus read(NavigableMap<Long, Path> files, long fromSeq)
            throws IOException {
        Long first = files.floorKey(fromSeq);
        List<Segment> segments = new ArrayList<>();
        Optional<SpoolEntry> last = Optional.empty();
        for (Path path : (first == null ? files : files.tailMap(first, true)).values()) {
            FileKind.FILE.require(path);
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                SpoolFile file = new SpoolFile(Spool.firstSeq(path), path, channel);
                SpoolScan scan = new SpoolScan(file);
                long offset = 0;
                long seq = file.firstSeq();
                for (Optional<SpoolEntry> entry = scan.at(offset, seq, last);
                        entry.isPresent();
                        entry = scan.at(offset, seq, last)) {
                    last = entry;
                    segments.add(new Segment(entry.get().header(), entry.get().digest()));
                    offset = entry.get().end();
                    seq++;
                }
            } catch (NoSuchFileException _) {
                // Its owner has shipped it meanwhile
            }
        }
        return new SpoolStatus(segments);
    }
}
