package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.Digest;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.storage.LimitedDisk;
import dev.holdfast.storage.RecordingFiles;
import dev.holdfast.storage.archive.SegmentWriter;
import dev.holdfast.storage.state.LogPoint;
import dev.holdfast.storage.state.SavedPages;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A spool of several files: what a start makes of damage in any of them, and what may be given
/// back.
final class SpoolTest {
    private static final int ENTRIES = 9;

    @TempDir Path folder;

    /// What makes an entry what it is, whoever found it.
    private record Found(SegmentHeader header, Digest digest, long offset, long end, String file) {
        static Found of(SpoolEntry entry) {
            return new Found(
                    entry.header(),
                    entry.digest(),
                    entry.offset(),
                    entry.end(),
                    String.valueOf(entry.file().path().getFileName()));
        }

        static List<Found> in(Spool spool) {
            return spool.from(1).stream().map(Found::of).toList();
        }
    }

    private Path path() {
        return folder.resolve("spool");
    }

    private Spool open() throws IOException {
        return Spool.open(path(), new LimitedDisk(), TestSpool.FILE_BYTES);
    }

    /// A base and commits of one page.
    private List<Found> write(int count) throws IOException {
        try (Spool spool = open();
                SegmentWriter writer = TestSpool.segmentWriter()) {
            for (int i = 0; i < count; i++) {
                TestSpool.append(spool, writer);
            }
            return Found.in(spool);
        }
    }

    private Map<String, byte[]> files() throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> paths = Files.list(path())) {
            for (Path file : paths.toList()) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    private void put(Map<String, byte[]> files) throws IOException {
        for (String name : files().keySet()) {
            if (!files.containsKey(name)) {
                Files.delete(path().resolve(name));
            }
        }
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(path().resolve(file.getKey()), file.getValue());
        }
    }

    /// Opens it, and opens it again: the first start must not change what the second one finds.
    private List<Found> found() throws IOException {
        List<Found> first;
        try (Spool spool = open()) {
            first = Found.in(spool);
        }
        try (Spool spool = open()) {
            assertThat(Found.in(spool)).isEqualTo(first);
        }
        return first;
    }

    private void assertGoesOn(int entries) throws IOException {
        try (Spool spool = open();
                SegmentWriter writer = TestSpool.segmentWriter()) {
            TestSpool.append(spool, writer);
        }
        assertThat(found()).hasSize(entries + 1);
    }

    @Test
    void aSpoolOfSeveralFilesIsFoundAsItWasLeft() throws IOException {
        List<Found> written = write(ENTRIES);
        assertThat(files()).hasSizeGreaterThan(2);
        assertThat(found()).isEqualTo(written);
    }

    @Test
    void ofALastFileTornAtAnyLengthWhatWasForcedIsKeptAndNothingElse() throws IOException {
        List<Found> written = write(ENTRIES);
        Map<String, byte[]> whole = files();
        String last = written.getLast().file();
        byte[] lastBytes = Files.readAllBytes(path().resolve(last));
        for (int length = 0; length <= lastBytes.length; length++) {
            Map<String, byte[]> torn = new TreeMap<>(whole);
            torn.put(last, Arrays.copyOf(lastBytes, length));
            put(torn);
            int cut = length;
            List<Found> kept =
                    written.stream()
                            .filter(entry -> !entry.file().equals(last) || entry.end() <= cut)
                            .toList();
            assertThat(found()).as("cut at %d", length).isEqualTo(kept);
            assertGoesOn(kept.size());
        }
    }

    @Test
    void anyFlippedBitOfAnyFileEndsWhatIsBelievedAtItsEntry() throws IOException {
        List<Found> written = write(6);
        Map<String, byte[]> whole = files();
        assertThat(whole).hasSizeGreaterThan(1);
        for (Map.Entry<String, byte[]> file : whole.entrySet()) {
            String name = file.getKey();
            for (int bit = 0; bit < file.getValue().length * 8; bit++) {
                byte[] flipped = file.getValue().clone();
                flipped[bit / 8] ^= (byte) (1 << bit % 8);
                Map<String, byte[]> damaged = new TreeMap<>(whole);
                damaged.put(name, flipped);
                put(damaged);
                int at = bit / 8;
                List<Found> kept =
                        written.stream()
                                .takeWhile(entry -> !entry.file().equals(name) || entry.end() <= at)
                                .toList();
                try (Spool spool = open()) {
                    assertThat(Found.in(spool)).as("bit %d of %s", bit, name).isEqualTo(kept);
                }
                assertThat(files().keySet())
                        .as("bit %d of %s", bit, name)
                        .isEqualTo(kept.stream().map(Found::file).collect(Collectors.toSet()));
            }
        }
    }

    @Test
    void behindAMissingFileNothingIsBelieved() throws IOException {
        List<Found> written = write(ENTRIES);
        Map<String, byte[]> whole = files();
        for (String missing : whole.keySet()) {
            Map<String, byte[]> left = new TreeMap<>(whole);
            left.remove(missing);
            put(left);
            boolean isFirst = missing.equals(written.getFirst().file());
            List<Found> kept =
                    isFirst
                            ? written.stream().filter(e -> !e.file().equals(missing)).toList()
                            : written.stream().takeWhile(e -> !e.file().equals(missing)).toList();
            assertThat(found()).as("without %s", missing).isEqualTo(kept);
            if (!isFirst) {
                assertGoesOn(kept.size());
            }
        }
    }

    @Test
    void aFileUnderAnothersNameIsNotBelieved() throws IOException {
        List<Found> written = write(ENTRIES);
        Map<String, byte[]> files = files();
        List<String> names = new ArrayList<>(files.keySet());
        files.put(names.get(1), files.get(names.get(2)));
        put(files);
        assertThat(found())
                .isEqualTo(written.stream().takeWhile(e -> e.file().equals(names.get(0))).toList());
    }

    @Test
    void aFileOfAnotherLogWithTheRightNumbersIsNotBelieved() throws IOException {
        List<Found> written = write(ENTRIES);
        Map<String, byte[]> files = files();
        Path otherPath = folder.resolve("other");
        try (Spool other = Spool.open(otherPath, new LimitedDisk(), TestSpool.FILE_BYTES);
                SegmentWriter writer = TestSpool.segmentWriter(8)) {
            for (int i = 0; i < ENTRIES; i++) {
                TestSpool.append(other, writer);
            }
        }
        List<String> names = new ArrayList<>(files.keySet());
        files.put(names.get(1), Files.readAllBytes(otherPath.resolve(names.get(1))));
        put(files);
        assertThat(found())
                .isEqualTo(written.stream().takeWhile(e -> e.file().equals(names.get(0))).toList());
    }

    @Test
    void whatIsNotASpoolFileIsLeftAloneAndHarmsNothing() throws IOException {
        List<Found> written = write(ENTRIES);
        List<String> strange =
                List.of("!.spool", "0000000000000001 (copy).spool", "zzz.spool", "notes.txt");
        for (String name : strange) {
            Files.writeString(path().resolve(name), "an operator's");
        }
        assertThat(found()).isEqualTo(written);
        assertThat(files().keySet()).containsAll(strange);
    }

    @Test
    void aSpoolWithNothingButStrangeFilesIsNotUsed() throws IOException {
        Files.createDirectory(path());
        Files.writeString(path().resolve("copy.spool"), "an operator's");
        assertThat(Spool.isUsed(path())).isFalse();
        assertThat(write(1)).hasSize(1);
        assertThat(Spool.isUsed(path())).isTrue();
    }

    /// A kill may have come between the write and the force: the page cache has the entry, the disk
    /// has not, and it is about to be shipped.
    @Test
    void whatAStartFindsIsForcedBeforeItCounts() throws IOException {
        assertThat(write(ENTRIES)).hasSize(ENTRIES);
        String last = new ArrayList<>(files().keySet()).getLast();
        RecordingFiles files = new RecordingFiles(path());
        Spool.open(path(), files, TestSpool.FILE_BYTES).close();
        assertThat(files.takeActions()).endsWith("open " + last, "force file");
        files.failOn("force file", new IOException("Input/output error"));
        assertThatThrownBy(() -> Spool.open(path(), files, TestSpool.FILE_BYTES))
                .hasMessage("Input/output error");
    }

    @Test
    void anEntryIsForcedAfterItsFileHasItsName() throws IOException {
        RecordingFiles files = new RecordingFiles(path());
        try (Spool spool = Spool.open(path(), files, TestSpool.FILE_BYTES);
                SegmentWriter writer = TestSpool.segmentWriter()) {
            TestSpool.append(spool, writer);
            assertThat(files.takeActions())
                    .containsExactly(
                            "create folder root",
                            "force folder ..",
                            "create 0000000000000001.spool",
                            "force folder root",
                            "force file");
        }
    }

    @Test
    void aFileThatCannotBeMadeIsTriedAgainAndLeavesNothingOpen() throws IOException {
        LimitedDisk disk = new LimitedDisk();
        try (Spool spool = Spool.open(path(), disk, TestSpool.FILE_BYTES);
                SegmentWriter writer = TestSpool.segmentWriter()) {
            disk.failFolders();
            for (int i = 0; i < 10; i++) {
                assertThatThrownBy(() -> spool.fileFor(1)).isInstanceOf(IOException.class);
            }
            assertThat(openFiles()).isEmpty();
            disk.heal();
            TestSpool.append(spool, writer);
            assertThat(openFiles()).hasSize(1);
        }
        assertThat(found()).hasSize(1);
    }

    private List<Path> openFiles() throws IOException {
        List<Path> open = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                if (Files.isSymbolicLink(descriptor)
                        && Files.readSymbolicLink(descriptor).startsWith(path())) {
                    open.add(Files.readSymbolicLink(descriptor));
                }
            }
        }
        return open;
    }

    @Test
    void filesAreGivenBackOnceAllOfThemIsUnneededButForTheNewest() throws IOException {
        List<Found> written = write(ENTRIES);
        Map<String, byte[]> whole = files();
        String newest = written.getLast().file();
        for (long seq = 0; seq <= ENTRIES + 1; seq++) {
            put(whole);
            long through = seq;
            List<String> needed =
                    written.stream()
                            .filter(e -> seqOf(e) > through || e.file().equals(newest))
                            .map(Found::file)
                            .toList();
            List<Found> kept = written.stream().filter(e -> needed.contains(e.file())).toList();
            try (Spool spool = open()) {
                long waiting = spool.bytesAfter(through);
                spool.removeThrough(through);
                assertThat(Found.in(spool)).as("through %d", seq).isEqualTo(kept);
                assertThat(spool.first().map(Found::of)).contains(kept.getFirst());
                assertThat(spool.bytesAfter(through)).isEqualTo(waiting);
            }
            assertThat(found()).as("through %d", seq).isEqualTo(kept);
        }
    }

    private static long seqOf(Found entry) {
        return entry.header().seq();
    }

    @Test
    void aPageMapOfAnotherLogIsNotBroughtForward() throws IOException {
        List<Found> written = write(ENTRIES);
        try (Spool spool = open()) {
            spool.removeThrough(seqOf(written.getLast()));
            LogPoint before =
                    new LogPoint(
                            spool.first().orElseThrow().seq() - 1,
                            TestSpool.ARCHIVE.digest(),
                            1,
                            1);
            LogPoint same =
                    new LogPoint(
                            before.seq(), spool.first().orElseThrow().header().previous(), 1, 1);
            assertThat(SpoolReplay.known(spool, Optional.of(saved(before))))
                    .hasValueSatisfying(known -> assertThat(known.pages()).isEmpty());
            assertThat(SpoolReplay.known(spool, Optional.of(saved(same))))
                    .hasValueSatisfying(known ->
                            assertThat(known.pages().orElseThrow().get(1)).isEqualTo(ENTRIES));
        }
    }

    private static SavedPages saved(LogPoint point) {
        PageMap pages = new PageMap(TestSpool.PAGE_SIZE);
        pages.set(1, 77);
        pages.resize(1);
        return new SavedPages(
                TestSpool.ARCHIVE.id(), point, TestSpool.PAGE_SIZE, pages, ByteBuffer.allocate(0));
    }
}
