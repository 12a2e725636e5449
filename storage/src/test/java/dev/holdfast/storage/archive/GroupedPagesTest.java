package dev.holdfast.storage.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Codec;
import dev.holdfast.format.Digest;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.FormatException;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/// Records of more pages than a group has.
class GroupedPagesTest {
    private static final ArchiveInfo ARCHIVE = new ArchiveInfo(new ArchiveId(1, 2), 1_000);
    private static final long SEED = Long.getLong("seed", 1);

    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({
        "ZSTD,512,2047",
        "ZSTD,512,2048",
        "ZSTD,512,2049",
        "LZ4,512,4099",
        "ZSTD,4096,600",
        "LZ4,4096,256",
        "ZSTD,65536,17",
        "LZ4,65536,33",
        "ZSTD,65536,100"
    })
    void theyAreGroupAfterGroupAndComeBack(Codec codec, int pageBytes, int pageCount)
            throws Exception {
        List<Object> pages = randomPages(pageBytes, pageCount);
        int number = (Integer) pages.get(pages.size() - 2);
        try (FileChannel file = SegmentWriterTest.file(folder)) {
            SealedSegment written = write(file, codec, new PageSize(pageBytes), pages);
            byte[] record = HandWritten.record(1, 0, number, 6_000, pages.toArray());
            assertThat(written.header().rawLength()).isEqualTo(record.length);
            assertThat(rawBody(file, written)).isEqualTo(Digest.of(ByteBuffer.wrap(record)));
            List<Object> read = new ArrayList<>();
            read(file, written, read);
            assertThat(read).as("seed %d", SEED).hasSameSizeAs(pages);
            for (int i = 0; i < read.size(); i++) {
                assertThat(read.get(i)).as("seed %d, %d", SEED, i).isEqualTo(pages.get(i));
            }
        }
    }

    /// The largest body is more than is kept in memory, and so is read twice.
    @ParameterizedTest
    @CsvSource({"ZSTD,4096,3", "ZSTD,4096,600", "LZ4,4096,600", "ZSTD,65536,100"})
    void damageIsFoundBeforeAnyPageIsTold(Codec codec, int pageBytes, int pageCount)
            throws Exception {
        try (FileChannel file = SegmentWriterTest.file(folder)) {
            SealedSegment written =
                    write(file, codec, new PageSize(pageBytes), randomPages(pageBytes, pageCount));
            flipBit(file, written.end() - Digest.BYTES - 1);
            List<Object> told = new ArrayList<>();
            assertThatThrownBy(() -> read(file, written, told))
                    .isInstanceOf(FormatException.DigestMismatch.class);
            assertThat(told).isEmpty();
        }
    }

    private static void flipBit(FileChannel file, long offset) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        file.read(one, offset);
        one.put(0, (byte) (one.get(0) ^ 1)).rewind();
        file.write(one, offset);
    }

    /// Page number and image in turn.
    private static List<Object> randomPages(int pageBytes, int pageCount) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<Object> pages = new ArrayList<>();
        int number = 0;
        for (int i = 0; i < pageCount; i++) {
            number += random.nextInt(1, 4);
            byte[] image = new byte[pageBytes];
            random.nextBytes(image);
            pages.addAll(List.of(number, image));
        }
        return pages;
    }

    private static SealedSegment write(
            FileChannel file, Codec codec, PageSize pageSize, List<Object> pages)
            throws IOException {
        try (SegmentWriter writer = new SegmentWriter(ARCHIVE.id(), new WriterId(1), codec, 17)) {
            writer.begin(SegmentStart.commits(true, pageSize, 2, ARCHIVE.digest(), 2), file, 0);
            int last = (Integer) pages.get(pages.size() - 2);
            writer.record(
                    new RecordHeader(
                            Optional.empty(),
                            pages.size() / 2,
                            last,
                            6_000,
                            OptionalLong.of(0x77)));
            for (int i = 0; i < pages.size(); i += 2) {
                writer.page(
                        (Integer) pages.get(i), MemorySegment.ofArray((byte[]) pages.get(i + 1)));
            }
            return writer.seal();
        }
    }

    private static Digest rawBody(FileChannel file, SealedSegment segment) throws IOException {
        ByteBuffer body = ByteBuffer.allocate((int) segment.header().bodyLength());
        while (body.hasRemaining()) {
            file.read(body, SegmentHeader.BYTES + body.position());
        }
        return new RawBodies().digest(segment.header(), body.array());
    }

    private static void read(FileChannel file, SealedSegment segment, List<Object> pages)
            throws IOException, FormatException {
        try (SegmentReader reader = new SegmentReader(ARCHIVE)) {
            reader.open(new FileSource(file, 0, segment.end()), 0);
            assertThat(reader.next()).isPresent();
            reader.decode(
                    new RecordVisitor() {
                        @Override
                        public void page(long number, MemorySegment image) {
                            pages.add((int) number);
                            pages.add(image.toArray(ValueLayout.JAVA_BYTE));
                        }
                    });
        }
    }
}
