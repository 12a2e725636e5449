package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Codec;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.storage.archive.SegmentWriter;
import dev.holdfast.storage.state.LogPoint;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// The log as it goes into the spool, and what a next start finds of it after truncation, flipped
/// bits and missing files.
final class LogAndSpoolTest {
    private static final PageSize PAGE_SIZE = new PageSize(512);
    private static final ArchiveInfo ARCHIVE =
            new ArchiveInfo(new ArchiveId(1, 2), 1_760_000_000_000_000L);

    private final List<SpoolEntry> told = new ArrayList<>();

    @TempDir Path folder;

    private LogWriter log(Spool spool, LogPoint end) {
        return new LogWriter(
                ARCHIVE.id(),
                new WriterId(7),
                Codec.ZSTD,
                Timekeeper.system(),
                spool,
                end,
                SourcePosition.NOWHERE,
                () -> {},
                told::add);
    }

    private static LogPoint beginning() {
        return LogPoint.beginning(ARCHIVE);
    }

    /// A spool of a base, and so many more.
    private Path spooled(int more) throws IOException {
        Path path = folder.resolve("spool");
        try (Spool spool = Spool.open(path);
                LogWriter log = log(spool, beginning())) {
            TestSpool.addBase(log);
            for (int i = 0; i < more; i++) {
                TestSpool.addBase(log);
            }
        }
        return path;
    }

    private static Path onlyFile(Path spool) throws IOException {
        try (Stream<Path> files = Files.list(spool)) {
            return files.toList().getFirst();
        }
    }

    private static long lastSeq(Path path) throws IOException {
        try (Spool spool = Spool.open(path)) {
            return spool.last().map(SpoolEntry::seq).orElse(0L);
        }
    }

    @Test
    void everyCutIsToldOf() throws IOException {
        spooled(3);
        assertThat(told).extracting(SpoolEntry::seq).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void anEntryThatIsNotWholeIsForgottenAtAnyLength() throws IOException {
        Path path = spooled(2);
        Path file = onlyFile(path);
        byte[] whole = Files.readAllBytes(file);
        int lastAt = (int) told.getLast().offset();
        for (int length = lastAt; length <= whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            long wanted = length == whole.length ? 3 : 2;
            assertThat(lastSeq(path)).as("cut at %d", length).isEqualTo(wanted);
            long left = wanted == 3 ? whole.length : lastAt;
            assertThat(Files.size(file)).as("cut at %d", length).isEqualTo(left);
        }
    }

    @Test
    void aFlippedBitEndsWhatIsBelieved() throws IOException {
        Path path = spooled(2);
        Path file = onlyFile(path);
        byte[] whole = Files.readAllBytes(file);
        int lastAt = (int) told.getLast().offset();
        for (int bit = lastAt * 8; bit < whole.length * 8; bit += 3) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, flipped);
            assertThat(lastSeq(path)).as("bit %d", bit).isEqualTo(2);
        }
    }

    @Test
    void theLogGoesOnBehindWhatWasRecovered() throws IOException {
        Path path = spooled(2);
        Path file = onlyFile(path);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 1);
        }
        try (Spool spool = Spool.open(path);
                LogWriter log = log(spool, spool.last().orElseThrow().point())) {
            TestSpool.addBase(log);
        }
        assertThat(lastSeq(path)).isEqualTo(3);
    }

    @Test
    void onlyFilesBeforeTheNewestAreRemoved() throws IOException {
        Path path = spooled(2);
        try (Spool spool = Spool.open(path)) {
            spool.removeThrough(Long.MAX_VALUE - 1);
            assertThat(spool.first().map(SpoolEntry::seq)).contains(1L);
            assertThat(spool.last().map(SpoolEntry::seq)).contains(3L);
        }
    }

    @Test
    void aSegmentThatWasSealedAndNotForcedLeavesNoTrace() throws IOException {
        Path path = folder.resolve("spool");
        try (Spool spool = Spool.open(path);
                LogWriter log = log(spool, beginning())) {
            TestSpool.addBase(log);
            LogPoint end = log.end();
            FileChannel channel = spool.last().orElseThrow().file().channel();
            channel.close();
            assertThatThrownBy(() -> TestSpool.addBase(log)).isInstanceOf(SpoolException.class);
            log.giveUp();
            assertThat(log.end()).isEqualTo(end);
            assertThat(log.hasOpen()).isFalse();
            assertThat(log.appendedTx()).isEqualTo(end.tx());
        }
    }

    @Test
    void aDatabaseWhosePagesNoMemoryHoldsIsNotBelieved() throws IOException {
        try (Spool spool = Spool.open(folder.resolve("spool"));
                SegmentWriter writer = TestSpool.segmentWriter()) {
            TestSpool.append(spool, writer);
            TestSpool.append(spool, writer, RecordHeader.MAX_DATABASE_PAGES);
            SpoolEntry last = spool.last().orElseThrow();
            PageMap pages = new PageMap(TestSpool.PAGE_SIZE);
            assertThat(new SpoolScan(last.file()).apply(last, pages)).isFalse();
            assertThat(pages.pageCount()).isZero();
        }
    }

    @Test
    void undoneDeltasLeaveThePageMapAsItWas() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 300; round++) {
            PageMap map = new PageMap(PAGE_SIZE);
            int before = random.nextInt(1, 200);
            for (int page = 1; page <= before; page++) {
                map.set(page, random.nextLong());
            }
            map.resize(before);
            long checksum = map.checksum();
            PageDeltas deltas = new PageDeltas();
            for (int i = random.nextInt(300); i > 0; i--) {
                int page = random.nextInt(1, 250);
                long hash = random.nextInt(4) == 0 ? 0 : random.nextLong();
                deltas.add(page, hash, map.get(page));
                map.set(page, hash);
            }
            deltas.undo(map);
            map.resize(before);
            assertThat(map.checksum()).as("seed %d", seed).isEqualTo(checksum);
            assertThat(map.pageCount()).isEqualTo(before);
        }
    }

    @Test
    void aPositionIsReadAsItWasWritten() {
        ByteBuffer bytes = SourcePosition.NOWHERE.toBytes();
        assertThat(SourcePosition.readFrom(bytes, 0)).isEqualTo(SourcePosition.NOWHERE);
        bytes.putLong(8, -1);
        assertThat(SourcePosition.readFrom(bytes, 0).wal().frame()).isZero();
    }
}
