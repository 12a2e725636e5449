package dev.holdfast.storage.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Codec;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.WriterId;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/// What a writer of segments does with what is too large, fails, or must not be written.
class SegmentWriterTest {
    private static final ArchiveInfo ARCHIVE = new ArchiveInfo(new ArchiveId(1, 2), 1_000);
    private static final PageSize PAGE = new PageSize(HandWritten.PAGE_BYTES);
    private static final long BASE_MICROS = 5_000;

    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource(Codec.class)
    void aSegmentThatIsTooLargeForMemoryGoesToItsFileWhileItGrows(Codec codec) throws Exception {
        PageSize pageSize = new PageSize(65_536);
        byte[] noise = new byte[100 * pageSize.bytes()];
        new SplittableRandom(1).nextBytes(noise);
        try (FileChannel file = file(folder);
                SegmentWriter writer =
                        new SegmentWriter(ARCHIVE.id(), new WriterId(1), codec, 17)) {
            writer.begin(SegmentStart.rebase(pageSize, 1, ARCHIVE.digest(), 1), file, 0);
            writer.record(
                    new RecordHeader(
                            Optional.of(RebaseReason.FIRST), 0, 7, 1, OptionalLong.empty()));
            SealedSegment one = writer.seal();
            writer.begin(
                    SegmentStart.commits(writer.needsReset(), pageSize, 2, one.digest(), 2),
                    file,
                    one.end());
            writer.record(new RecordHeader(Optional.empty(), 100, 100, 2, OptionalLong.empty()));
            for (int i = 0; i < 100; i++) {
                writer.page(i + 1, MemorySegment.ofArray(noise).asSlice((long) i * 65_536, 65_536));
            }
            assertThat(file.size()).isBetween(5L << 20, 7L << 20);
            SealedSegment two = writer.seal();
            assertThat(file.size()).isEqualTo(two.end());
            Replay replay = new Replay(pageSize, (tx, database) -> {});
            try (SegmentReader reader = new SegmentReader(ARCHIVE)) {
                reader.open(new FileSource(file, 0, two.end()), 0);
                while (reader.next().isPresent()) {
                    reader.decode(replay);
                }
                assertThat(reader.digest()).isEqualTo(two.digest());
            }
            assertThat(replay.database()).isEqualTo(noise);
        }
    }

    @Test
    void afterAnAbandonedSegmentTheStreamBeginsAnew() throws Exception {
        try (FileChannel file = file(folder);
                SegmentWriter writer =
                        new SegmentWriter(ARCHIVE.id(), new WriterId(0xabcdef), Codec.ZSTD, 17)) {
            SealedSegment one = writeBase(writer, file, 0);
            writer.begin(SegmentStart.commits(false, PAGE, 2, one.digest(), 2), file, one.end());
            writer.record(new RecordHeader(Optional.empty(), 1, 8, 6_000, OptionalLong.empty()));
            writer.abandon();
            assertThat(writer.isOpen()).isFalse();
            assertThat(writer.needsReset()).isTrue();
            assertThatThrownBy(() ->
                            writer.begin(
                                    SegmentStart.commits(false, PAGE, 2, one.digest(), 2),
                                    file,
                                    one.end()))
                    .isInstanceOf(IllegalStateException.class);
            SealedSegment two = writeTwo(writer, file, one);
            assertThat(two.header().isReset()).isTrue();
        }
    }

    @Test
    void afterAFailedWriteASegmentIsNotSealed() throws Exception {
        FileChannel file = file(folder);
        try (SegmentWriter writer =
                new SegmentWriter(ARCHIVE.id(), new WriterId(1), Codec.ZSTD, 17)) {
            writer.begin(SegmentStart.rebase(PAGE, 1, ARCHIVE.digest(), 1), file, 0);
            writer.record(
                    new RecordHeader(
                            Optional.of(RebaseReason.FIRST), 0, 7, 1, OptionalLong.empty()));
            file.close();
            assertThatThrownBy(writer::seal).isInstanceOf(IOException.class);
            assertThatThrownBy(writer::seal).isInstanceOf(IllegalStateException.class);
            writer.abandon();
            assertThat(writer.needsReset()).isTrue();
        }
    }

    @Test
    void whatReadersWouldRefuseIsNotWritten() throws Exception {
        try (FileChannel file = file(folder);
                SegmentWriter writer =
                        new SegmentWriter(ARCHIVE.id(), new WriterId(1), Codec.ZSTD, 17)) {
            SealedSegment one = writeBase(writer, file, 0);
            RecordHeader commit =
                    new RecordHeader(Optional.empty(), 2, 8, 6_000, OptionalLong.empty());
            MemorySegment image = MemorySegment.ofArray(HandWritten.page(1));
            writer.begin(SegmentStart.commits(false, PAGE, 2, one.digest(), 2), file, one.end());
            assertThatThrownBy(writer::seal).hasMessageContaining("records");
            writer.record(commit);
            assertThatThrownBy(() -> writer.page(0, image)).hasMessageContaining("page number");
            assertThatThrownBy(() -> writer.page(9, image)).hasMessageContaining("page number");
            assertThatThrownBy(() -> writer.page(1, image.asSlice(1)))
                    .hasMessageContaining("bytes of a page");
            assertThatThrownBy(() -> writer.record(commit)).hasMessageContaining("pages left");
            writer.page(4, image);
            assertThatThrownBy(() -> writer.page(4, image)).hasMessageContaining("page number");
            assertThatThrownBy(writer::seal).hasMessageContaining("pages left");
            writer.page(5, image);
            assertThatThrownBy(() -> writer.record(commit)).hasMessageContaining("time");
            // A breach is refused before anything is written, so the segment is still good.
            assertThat(writer.seal().header().recordCount()).isEqualTo(1);
        }
    }

    @Test
    void aSegmentThatDoesNotFollowTheOneBeforeIsNotSealed() throws Exception {
        try (FileChannel file = file(folder);
                SegmentWriter writer =
                        new SegmentWriter(ARCHIVE.id(), new WriterId(1), Codec.ZSTD, 17)) {
            SealedSegment one = writeBase(writer, file, 0);
            writer.begin(
                    SegmentStart.commits(false, PAGE, 2, ARCHIVE.digest(), 2), file, one.end());
            writer.record(new RecordHeader(Optional.empty(), 0, 8, 6_000, OptionalLong.empty()));
            assertThatThrownBy(writer::seal).isInstanceOf(IllegalStateException.class);
        }
    }

    static SealedSegment writeBase(SegmentWriter writer, FileChannel file, long offset)
            throws IOException {
        writer.begin(SegmentStart.rebase(PAGE, 1, ARCHIVE.digest(), 1), file, offset);
        writer.record(
                new RecordHeader(
                        Optional.of(RebaseReason.FIRST), 0, 7, BASE_MICROS, OptionalLong.of(0x77)));
        return writer.seal();
    }

    static SealedSegment writeTwo(SegmentWriter writer, FileChannel file, SealedSegment one)
            throws IOException {
        writer.begin(
                SegmentStart.commits(writer.needsReset(), PAGE, 2, one.digest(), 2),
                file,
                one.end());
        writer.record(new RecordHeader(Optional.empty(), 2, 8, 6_000, OptionalLong.of(0x77)));
        writer.page(3, MemorySegment.ofArray(HandWritten.page(1)));
        writer.page(8, MemorySegment.ofArray(HandWritten.page(2)));
        writer.record(new RecordHeader(Optional.empty(), 1, 4, 7_000, OptionalLong.of(0x77)));
        writer.page(1, MemorySegment.ofArray(HandWritten.page(2)));
        assertThat(writer.recordCount()).isEqualTo(2);
        assertThat(writer.rawBytes()).isEqualTo(2 * 28 + 3 * 516);
        return writer.seal();
    }

    static FileChannel file(Path folder) throws IOException {
        return FileChannel.open(
                folder.resolve("spool"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
    }
}
