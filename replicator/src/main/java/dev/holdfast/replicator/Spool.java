package dev.holdfast.replicator;

import dev.holdfast.format.Digest;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.storage.FileActions;
import dev.holdfast.storage.FileKind;
import dev.holdfast.storage.archive.SealedSegment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/// Captured segments on the local disk, in order, until they are durable in the store and the page
/// map was saved past them.
///
/// A file is a run of entries `segment | note`; an entry counts once it was forced. The files are
/// named by the seq of their first entry. Written by the capture thread; [#from] and [#entry] may
/// be called by others.
final class Spool implements AutoCloseable {
    static final String SUFFIX = ".spool";

    private final Path folder;
    private final FileActions actions;
    private final long fileBytes;
    private final ConcurrentSkipListMap<Long, SpoolEntry> entries = new ConcurrentSkipListMap<>();
    private final ConcurrentSkipListMap<Long, SpoolFile> files = new ConcurrentSkipListMap<>();

    private Spool(Path folder, FileActions actions, long fileBytes) {
        this.folder = folder;
        this.actions = actions;
        this.fileBytes = fileBytes;
    }

    /// Opens the spool as the last run left it. What is not whole at its end was never depended on,
    /// and is cut off.
    static Spool open(Path folder) throws IOException {
        return open(folder, FileActions.REAL);
    }

    static Spool open(Path folder, FileActions actions) throws IOException {
        return open(folder, actions, SpoolPolicy.DEFAULT.fileBytes());
    }

    /// @param fileBytes after how many bytes a new file is begun
    static Spool open(Path folder, FileActions actions, long fileBytes) throws IOException {
        FileKind.FOLDER.require(folder);
        if (!Files.isDirectory(folder)) {
            actions.createFolder(folder);
            actions.forceFolder(folder.resolve(".."));
        }
        Spool spool = new Spool(folder, actions, fileBytes);
        boolean isWhole = true;
        for (Path path : paths(folder)) {
            isWhole = isWhole && spool.recover(path);
            if (!isWhole && spool.entriesOf(path).isEmpty()) {
                actions.delete(path);
            }
        }
        return spool;
    }

    /// The spool's files, oldest first. What has another name is nobody's business here.
    private static List<Path> paths(Path folder) throws IOException {
        List<Path> paths = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (Path path : found) {
                if (firstSeq(path) > 0) {
                    paths.add(path);
                }
            }
        }
        paths.sort(null);
        return paths;
    }

    /// Whether something was ever captured into this folder.
    static boolean isUsed(Path folder) throws IOException {
        return Files.isDirectory(folder) && !paths(folder).isEmpty();
    }

    /// Reads one file's entries; false if it, or what it should follow, is not whole.
    private boolean recover(Path path) throws IOException {
        long firstSeq = firstSeq(path);
        if (!entries.isEmpty() && entries.lastKey() != firstSeq - 1) {
            return false;
        }
        FileKind.FILE.require(path);
        FileChannel channel = actions.openFile(path);
        SpoolFile file = new SpoolFile(firstSeq, path, channel);
        long offset = 0;
        long seq = firstSeq;
        SpoolScan scan = new SpoolScan(file);
        for (Optional<SpoolEntry> entry = scan.at(offset, seq, last()); entry.isPresent(); ) {
            entries.put(seq, entry.get());
            offset = entry.get().end();
            seq++;
            entry = scan.at(offset, seq, last());
        }
        boolean isWhole = offset == channel.size();
        if (seq == firstSeq) {
            channel.close();
            return false;
        }
        if (!isWhole) {
            channel.truncate(offset);
        }
        // A kill may have come before the force, and from now on these entries count
        actions.forceFile(channel);
        files.put(firstSeq, file);
        return isWhole;
    }

    private List<SpoolEntry> entriesOf(Path path) {
        return entries.values().stream().filter(entry -> entry.file().path().equals(path)).toList();
    }

    /// Of the first entry, by the file's name; 0 if it has no such name.
    static long firstSeq(Path path) {
        String name = path.getFileName().toString();
        String digits = name.substring(0, name.length() - SUFFIX.length());
        return digits.length() == 16 && digits.chars().allMatch(HexFormat::isHexDigit)
                ? HexFormat.fromHexDigitsToLong(digits)
                : 0;
    }

    /// The file in which segment `seq` is to be written, at the end offset of the entry before.
    SpoolFile fileFor(long seq) throws IOException {
        Map.Entry<Long, SpoolFile> newest = files.lastEntry();
        if (newest != null && nextOffset(newest.getValue()) < fileBytes) {
            return newest.getValue();
        }
        Path path = folder.resolve(HexFormat.of().toHexDigits(seq) + SUFFIX);
        if (Files.exists(path)) {
            actions.delete(path); // of an earlier try
        }
        FileChannel channel = actions.createFile(path);
        try {
            actions.forceFolder(folder);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        SpoolFile file = new SpoolFile(seq, path, channel);
        files.put(seq, file);
        return file;
    }

    /// Whether the file that is written is still where it was made.
    boolean isInPlace() {
        Map.Entry<Long, SpoolFile> newest = files.lastEntry();
        return newest == null || !Files.notExists(newest.getValue().path());
    }

    /// Where the next entry of a file goes.
    long nextOffset(SpoolFile file) {
        Map.Entry<Long, SpoolEntry> last = entries.lastEntry();
        return last != null && last.getValue().file().equals(file) ? last.getValue().end() : 0;
    }

    /// Writes the note behind a sealed segment and forces both. The entry counts when this returns.
    SpoolEntry add(
            SealedSegment segment,
            SpoolFile file,
            SourcePosition source,
            boolean isMapKnown,
            PageDeltas deltas)
            throws IOException {
        long[] end = {segment.end()};
        SpoolNote.write(
                segment.header().seq(),
                source,
                isMapKnown,
                deltas,
                bytes -> {
                    while (bytes.hasRemaining()) {
                        end[0] += file.channel().write(bytes, end[0]);
                    }
                });
        // An entry that was given up may have reached further
        if (file.channel().size() > end[0]) {
            file.channel().truncate(end[0]);
        }
        actions.forceFile(file.channel());
        SpoolEntry entry =
                new SpoolEntry(
                        segment.header(),
                        segment.digest(),
                        file,
                        segment.offset(),
                        end[0],
                        totalThrough(segment.header().seq() - 1) + segment.storedLength());
        entries.put(entry.seq(), entry);
        return entry;
    }

    /// Takes what lies behind the last entry, which never counted, from the disk: until then it may
    /// be found whole at the next start.
    void cutOffTail() throws IOException {
        Map.Entry<Long, SpoolFile> newest = files.lastEntry();
        if (newest != null) {
            SpoolFile file = newest.getValue();
            file.channel().truncate(nextOffset(file));
            actions.forceFile(file.channel());
        }
    }

    /// Entries from `seq` on, in order.
    Collection<SpoolEntry> from(long seq) {
        return entries.tailMap(seq).values();
    }

    Optional<SpoolEntry> last() {
        return Optional.ofNullable(entries.lastEntry()).map(Map.Entry::getValue);
    }

    Optional<SpoolEntry> first() {
        return Optional.ofNullable(entries.firstEntry()).map(Map.Entry::getValue);
    }

    /// Whether all from `seq` on is here, as far as it was captured.
    boolean hasFrom(long seq) {
        return first().map(entry -> entry.seq() <= seq).orElse(true);
    }

    Optional<SpoolEntry> entry(long seq) {
        return Optional.ofNullable(entries.get(seq));
    }

    /// Bytes of the segments after `seq`, which wait to be shipped.
    long bytesAfter(long seq) {
        return last().map(SpoolEntry::total).orElse(0L) - totalThrough(seq);
    }

    private long totalThrough(long seq) {
        Map.Entry<Long, SpoolEntry> through = entries.floorEntry(seq);
        return through == null ? totalBeforeFirst() : through.getValue().total();
    }

    private long totalBeforeFirst() {
        return first().map(entry -> entry.total() - entry.header().storedLength()).orElse(0L);
    }

    /// Forgets files all of whose entries are at most `seq`, but for the newest file.
    void removeThrough(long seq) throws IOException {
        while (files.size() > 1 && files.higherKey(files.firstKey()) <= seq + 1) {
            SpoolFile oldest = files.firstEntry().getValue();
            remove(oldest);
            // Before the next one: of files with a gap between them a start believes the first only
            actions.forceFolder(folder);
            files.remove(oldest.firstSeq());
            entries.headMap(files.firstKey()).clear();
        }
    }

    /// Forgets everything: the log goes on elsewhere.
    void clear() throws IOException {
        entries.clear();
        for (SpoolFile file : files.values()) {
            remove(file);
        }
        files.clear();
        actions.forceFolder(folder);
    }

    private void remove(SpoolFile file) throws IOException {
        file.channel().close();
        if (Files.exists(file.path())) {
            actions.delete(file.path());
        }
    }

    @Override
    public void close() throws IOException {
        for (SpoolFile file : files.values()) {
            file.channel().close();
        }
    }

    static boolean isFollowed(SpoolEntry before, SegmentHeader after) {
        return after.seq() == before.seq() + 1 && after.previous().equals(before.digest());
    }

    static Digest digestOf(FileChannel channel, long offset, long length) throws IOException {
        MessageDigest sha256 = Digest.sha256();
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        long end = offset + length;
        for (long at = offset; at < end; ) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
            int count = channel.read(buffer, at);
            if (count < 0) {
                break;
            }
            at += count;
            sha256.update(buffer.flip());
        }
        return Digest.of(sha256);
    }
}
