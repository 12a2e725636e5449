package dev.holdfast.storage.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Codec;
import dev.holdfast.format.Digest;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.InMemoryObjectStore;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

class SegmentTest {
    private static final ArchiveInfo ARCHIVE = new ArchiveInfo(new ArchiveId(1, 2), 1_000);
    private static final PageSize PAGE = new PageSize(HandWritten.PAGE_BYTES);
    private static final int RESET = 1;
    private static final int CLAIM = 2;
    private static final int REBASE = 4;
    private static final long BASE_MICROS = 5_000;

    @TempDir private Path folder;

    /// What a visitor was told, one line a call.
    private static final class Told implements RecordVisitor {
        private final List<String> lines = new ArrayList<>();

        @Override
        public void begin(long tx, RecordHeader header) {
            lines.add("begin " + tx);
        }

        @Override
        public void page(long pageNumber, MemorySegment image) {
            byte[] bytes = image.toArray(ValueLayout.JAVA_BYTE);
            int which = Arrays.equals(bytes, HandWritten.page(1)) ? 1 : 2;
            assertThat(bytes).isEqualTo(HandWritten.page(which));
            lines.add("page " + pageNumber + " is " + which);
        }

        @Override
        public void end(long tx, RecordHeader header) {
            lines.add("end " + tx);
        }
    }

    private static byte[] base() {
        return HandWritten.record(2, 1, 7, BASE_MICROS);
    }

    private static byte[] first(int codec) {
        byte[] body = codec == 1 ? HandWritten.zstdBody(true, base()) : HandWritten.lz4Body(base());
        return HandWritten.segment(
                ARCHIVE,
                new HandWritten.Fields(
                        RESET | REBASE,
                        codec,
                        1,
                        ARCHIVE.digest(),
                        1,
                        1,
                        BASE_MICROS,
                        BASE_MICROS,
                        28,
                        7),
                body);
    }

    private static byte[] two(int codec, byte[]... records) {
        byte[] raw = HandWritten.concat(records);
        byte[] body =
                codec == 1 ? HandWritten.zstdBody(false, records) : HandWritten.lz4Body(records);
        int flags = codec == 1 ? 0 : RESET;
        return HandWritten.segment(
                ARCHIVE,
                new HandWritten.Fields(
                        flags,
                        codec,
                        2,
                        HandWritten.digestOf(first(codec)),
                        2,
                        2,
                        6_000,
                        7_000,
                        raw.length,
                        4),
                body);
    }

    private static byte[] commit() {
        return HandWritten.record(1, 0, 8, 6_000, 3, HandWritten.page(1), 8, HandWritten.page(2));
    }

    private static byte[] shrink() {
        return HandWritten.record(1, 0, 4, 7_000, 1, HandWritten.page(2));
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void segmentsWrittenByHandAreRead(Codec codec) throws Exception {
        byte[] object =
                HandWritten.concat(first(codec.number()), two(codec.number(), commit(), shrink()));
        Told told = new Told();
        try (LogReader log = log(object)) {
            assertThat(log.next().orElseThrow().kind()).isEqualTo(SegmentHeader.Kind.REBASE);
            log.decode(told);
            assertThat(log.next().orElseThrow().writer()).isEqualTo(new WriterId(0xabcdef));
            log.decode(told);
            assertThat(log.next()).isEmpty();
        }
        assertThat(told.lines)
                .containsExactly(
                        "begin 1",
                        "end 1",
                        "begin 2",
                        "page 3 is 1",
                        "page 8 is 2",
                        "end 2",
                        "begin 3",
                        "page 1 is 2",
                        "end 3");
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void whatIsWrittenHasTheHandWrittenHeaderAndIsRead(Codec codec) throws Exception {
        // Up to the body's length: the body by hand is stored as it is, the compressors do better.
        int known = 112;
        try (FileChannel file = SegmentWriterTest.file(folder);
                SegmentWriter writer =
                        new SegmentWriter(ARCHIVE.id(), new WriterId(0xabcdef), codec, 17)) {
            SealedSegment one = SegmentWriterTest.writeBase(writer, file, 10);
            assertThat(one.offset()).isEqualTo(10);
            assertThat(bytes(file, 10, known))
                    .isEqualTo(Arrays.copyOf(first(codec.number()), known));
            SealedSegment two = SegmentWriterTest.writeTwo(writer, file, one);
            byte[] wanted = Arrays.copyOf(two(codec.number(), commit(), shrink()), known);
            one.digest().writeTo(ByteBuffer.wrap(wanted), 32);
            assertThat(bytes(file, one.end(), known)).isEqualTo(wanted);
            Told told = new Told();
            try (SegmentReader reader = new SegmentReader(ARCHIVE)) {
                reader.open(new FileSource(file, 10, two.end() - 10), 0);
                while (reader.next().isPresent()) {
                    reader.decode(told);
                }
                assertThat(reader.digest()).isEqualTo(two.digest());
            }
            assertThat(told.lines).hasSize(9);
        }
    }

    @Test
    void onlyTheRecordsAskedForAreTold() throws Exception {
        byte[] object = HandWritten.concat(first(1), two(1, commit(), shrink()));
        Told told = new Told();
        try (LogReader log = log(object)) {
            while (log.next().isPresent()) {
                log.decode(told, 2, 2);
            }
        }
        assertThat(told.lines).containsExactly("begin 2", "page 3 is 1", "page 8 is 2", "end 2");
    }

    @Test
    void aBodyDoesNotDecodeOnceOneBeforeItWasPassedOver() throws Exception {
        byte[] object = HandWritten.concat(first(1), two(1, commit(), shrink()));
        try (LogReader log = log(object)) {
            log.next();
            log.verify();
            log.next();
            assertThat(log.canDecode()).isFalse();
            assertThatThrownBy(() -> log.decode(RecordVisitor.NONE))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void recordsThatBreakARuleAreRefusedThoughTheirDigestIsRight(Codec codec) throws Exception {
        int number = codec.number();
        byte[] one = HandWritten.page(1);
        requireRefused(
                two(number, commit(), HandWritten.record(1, 0, 4, 6_000, 1, one)),
                "time of a record");
        requireRefused(
                two(number, commit(), HandWritten.record(1, 0, 4, 7_001, 1, one)),
                "time of the last record");
        requireRefused(two(number, shrink(), commit()), "time of the first record");
        requireRefused(
                two(number, commit(), HandWritten.record(1, 0, 5, 7_000, 1, one)),
                "database pages");
        requireRefused(two(number, commit(), HandWritten.record(2, 2, 4, 7_000)), "kind of record");
        requireRefused(
                two(number, commit(), HandWritten.record(1, 0, 4, 7_000, 0, one)), "page number");
        requireRefused(
                two(number, commit(), HandWritten.record(1, 0, 4, 7_000, 5, one)), "page number");
        requireRefused(
                two(number, commit(), HandWritten.record(1, 0, 4, 7_000, 2, one, 2, one)),
                "page number");
        requireRefused(
                two(number, commit(), HandWritten.record(1, 0, 4, 7_000, 3, one, 2, one)),
                "page number");
        requireRefused(two(number, commit()), "middle of a record");
        requireRefused(two(number, commit(), shrink(), new byte[1]), "follow its last record");
        requireRefused(two(number, commit(), shrink(), shrink()), "follow its last record");
    }

    @Test
    void theLockPageIsRefused() throws Exception {
        int lockPage = (int) PAGE.lockPage();
        byte[] record =
                HandWritten.record(1, 0, lockPage + 1L, 6_000, lockPage, HandWritten.page(1));
        requireRefused(two(1, record, shrink()), "not " + lockPage);
    }

    private static void requireRefused(byte[] second, String why) {
        int codec = second[6];
        byte[] object = HandWritten.concat(first(codec), second);
        assertThatThrownBy(
                        () -> {
                            try (LogReader log = log(object)) {
                                while (log.next().isPresent()) {
                                    log.decode(RecordVisitor.NONE);
                                }
                            }
                        })
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith(ObjectNames.log(1) + ", byte " + first(codec).length + ": ")
                .hasMessageContaining(why);
    }

    @Test
    void aRawLengthThatLiesIsRefusedAndNotAllocated() throws Exception {
        for (long lie : new long[] {28 * 2, 28 * 2 + 1, SegmentHeader.MAX_LENGTH}) {
            byte[] body = HandWritten.zstdBody(false, commit(), shrink());
            byte[] second =
                    HandWritten.segment(
                            ARCHIVE,
                            new HandWritten.Fields(
                                    0,
                                    1,
                                    2,
                                    HandWritten.digestOf(first(1)),
                                    2,
                                    2,
                                    6_000,
                                    7_000,
                                    lie,
                                    4),
                            body);
            requireRefused(second, "");
        }
    }

    @Test
    void aBodyLengthBeyondTheObjectIsRefusedBeforeItIsRead() throws Exception {
        byte[] second = two(1, commit(), shrink());
        requireRefused(Arrays.copyOf(second, second.length - 1), "is cut off");
    }

    @Test
    void aClaimEndsAStream() throws Exception {
        byte[] claim =
                HandWritten.segment(
                        ARCHIVE,
                        new HandWritten.Fields(
                                CLAIM,
                                1,
                                2,
                                HandWritten.digestOf(first(1)),
                                2,
                                0,
                                5_500,
                                5_500,
                                0,
                                0),
                        new byte[0]);
        Told told = new Told();
        try (LogReader log = log(HandWritten.concat(first(1), claim))) {
            while (log.next().isPresent()) {
                assertThat(log.canDecode()).isTrue();
                log.decode(told);
            }
        }
        assertThat(told.lines).containsExactly("begin 1", "end 1");
    }

    private static byte[] bytes(FileChannel file, long offset, long length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) length);
        while (bytes.hasRemaining()) {
            file.read(bytes, offset + bytes.position());
        }
        return bytes.array();
    }

    private static LogReader log(byte[] object) throws IOException, FormatException {
        InMemoryObjectStore store = HandWritten.store(ARCHIVE, ObjectNames.log(1), object);
        return ((OpenOutcome.Found) Archive.open(store)).archive().log(1);
    }

    @Test
    void theDigestOfHandWrittenBytesIsThatOfHeaderAndBody() {
        byte[] segment = first(1);
        byte[] stored = Arrays.copyOf(segment, segment.length - Digest.BYTES);
        assertThat(HandWritten.digestOf(segment)).isEqualTo(Digest.of(ByteBuffer.wrap(stored)));
    }
}
