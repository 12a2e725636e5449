package dev.holdfast.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.FormatException;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/// Each layout but a snapshot's, byte by byte as `docs/format.md` says. The checksums and digests
/// were computed by Python.
class LayoutTest {
    private static final ArchiveId ARCHIVE = ArchiveId.parse("00112233445566778899aabbccddeeff");
    private static final WriterId WRITER = WriterId.parse("0123456789abcdef");
    private static final Digest PREVIOUS = Digest.parse("5a".repeat(32));

    private static final String ARCHIVE_JSON =
            "{\"format\":\"holdfast\",\"version\":1,\"archive\":\"00112233445566778899aabbccddeeff\",\"created\":\"2026-02-03T04:05:06.000789Z\",\"sha256\":\"a307ec1e537edf7066883958c74f59d65664eb550a3b9e8f41f41be9cce4d377\"}\n";

    private static final String SEGMENT =
            "48465347 01 01 01 0c" // magic, version, reset, zstd, 4096
                    + "00112233445566778899aabbccddeeff" // archive id
                    + "0000000000000007" // seq
                    + "5a".repeat(32) // digest before
                    + "0123456789abcdef" // writer
                    + "0000000000000009" // first transaction
                    + "00000003 17 000000" // records, window 2^23
                    + "0006477ef45f2180 0006477ef45f2190" // first time, last time
                    + "0000000000003050 0000000000000123" // raw length, body length
                    + "0000002a 02d171c5"; // database pages, CRC-32C

    private static final SegmentHeader SEGMENT_HEADER =
            new SegmentHeader(
                    SegmentHeader.Kind.COMMITS,
                    true,
                    false,
                    Codec.ZSTD,
                    new PageSize(4096),
                    ARCHIVE,
                    7,
                    PREVIOUS,
                    WRITER,
                    9,
                    3,
                    23,
                    0x0006477ef45f2180L,
                    0x0006477ef45f2190L,
                    0x3050,
                    0x123,
                    42);

    private static final String RECORD =
            "01 01 00 00" // commit, checksum known
                    + "00000002 0000002a" // pages, database pages
                    + "0006477ef45f2180" // time
                    + "fedcba9876543210"; // state checksum

    private static final RecordHeader RECORD_HEADER =
            new RecordHeader(
                    Optional.empty(),
                    2,
                    42,
                    0x0006477ef45f2180L,
                    OptionalLong.of(0xfedcba9876543210L));

    @Test
    void archiveInfoIsTheLineOfThePage() throws FormatException {
        byte[] stored = ARCHIVE_JSON.getBytes(StandardCharsets.US_ASCII);
        ArchiveInfo info = ArchiveInfo.parse(stored);
        assertThat(info.id()).isEqualTo(ARCHIVE);
        assertThat(Micros.toInstant(info.createdMicros()))
                .hasToString("2026-02-03T04:05:06.000789Z");
        assertThat(info.toBytes()).isEqualTo(stored);
    }

    @Test
    void anyFlippedBitAndAnyTruncationOfArchiveInfoIsRefused() {
        byte[] stored = ARCHIVE_JSON.getBytes(StandardCharsets.US_ASCII);
        for (int bit = 0; bit < 8 * stored.length; bit++) {
            byte[] damaged = stored.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> ArchiveInfo.parse(damaged))
                    .isInstanceOf(FormatException.class);
        }
        for (int length = 0; length < stored.length; length++) {
            byte[] cut = Arrays.copyOf(stored, length);
            assertThatThrownBy(() -> ArchiveInfo.parse(cut)).isInstanceOf(FormatException.class);
        }
        assertThatThrownBy(() -> ArchiveInfo.parse(new byte[5000]))
                .isInstanceOf(FormatException.class);
    }

    @Test
    void anArchiveInfoOfAnImpossibleTimeOrAnotherVersionIsRefused() {
        for (String created :
                new String[] {
                    "2026-02-30T04:05:06.000789Z",
                    "2026-02-03T24:05:06.000789Z",
                    "9999-02-03T04:05:06.000789Z",
                    "1969-02-03T04:05:06.000789Z",
                    "..................:.......Z"
                }) {
            byte[] stored = signed(1, created);
            assertThatThrownBy(() -> ArchiveInfo.parse(stored))
                    .as(created)
                    .isInstanceOf(FormatException.BadField.class)
                    .hasMessageContaining("created");
        }
        byte[] newer = signed(2, "2026-02-03T04:05:06.000789Z");
        assertThatThrownBy(() -> ArchiveInfo.parse(newer))
                .isInstanceOf(FormatException.UnknownVersion.class)
                .hasMessageContaining("version 2");
    }

    private static byte[] signed(int version, String created) {
        String body =
                "{\"format\":\"holdfast\",\"version\":%d,\"archive\":\"%s\",\"created\":\"%s\""
                        .formatted(version, ARCHIVE, created);
        Digest digest = Digest.of(ByteBuffer.wrap(body.getBytes(StandardCharsets.US_ASCII)));
        return (body + ",\"sha256\":\"" + digest + "\"}\n").getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void aSegmentHeaderIsTheBytesOfThePage() throws FormatException {
        ByteBuffer out = ByteBuffer.allocate(SegmentHeader.BYTES);
        SEGMENT_HEADER.writeTo(out);
        assertThat(HexFormat.of().formatHex(out.array())).isEqualTo(SEGMENT.replace(" ", ""));
        assertThat(SegmentHeader.readFrom(HexBytes.bytes(SEGMENT), "a", 0))
                .isEqualTo(SEGMENT_HEADER);
    }

    @Test
    void anyFlippedBitOfASegmentHeaderIsRefusedWithObjectAndOffset() {
        for (int bit = 0; bit < 8 * SegmentHeader.BYTES; bit++) {
            ByteBuffer damaged = HexBytes.flipped(SEGMENT, bit);
            assertThatThrownBy(() -> SegmentHeader.readFrom(damaged, "log/a", 77))
                    .isInstanceOfSatisfying(
                            FormatException.class,
                            e -> {
                                assertThat(e.object()).isEqualTo("log/a");
                                assertThat(e.offset()).isEqualTo(77);
                            });
        }
    }

    @Test
    void aSegmentHeaderThatIsCutOffIsRefused() {
        for (int length = 0; length < SegmentHeader.BYTES; length++) {
            ByteBuffer cut = HexBytes.bytes(SEGMENT).limit(length);
            assertThatThrownBy(() -> SegmentHeader.readFrom(cut, "a", 0))
                    .isInstanceOf(FormatException.Truncated.class);
        }
    }

    /// The checksum shows damage; this shows that a header with the right checksum is not believed
    /// either.
    @RepeatedTest(20)
    void anyByteOfASegmentHeaderWithARightChecksumIsGoodOrRefused(RepetitionInfo seed) {
        SplittableRandom random = new SplittableRandom(seed.getCurrentRepetition());
        for (int i = 0; i < 2_000; i++) {
            ByteBuffer header = HexBytes.bytes(SEGMENT);
            for (int changes = random.nextInt(1, 3); changes > 0; changes--) {
                header.put(random.nextInt(4, 124), (byte) random.nextInt());
            }
            header.putInt(124, FieldCheck.crc32c(header, 124));
            try {
                SegmentHeader read = SegmentHeader.readFrom(header, "a", 0);
                ByteBuffer again = ByteBuffer.allocate(SegmentHeader.BYTES);
                read.writeTo(again);
                assertThat(again).isEqualTo(header.rewind());
            } catch (FormatException e) {
                assertThat(e.object()).isEqualTo("a");
            }
        }
    }

    @Test
    void aRecordHeaderIsTheBytesOfThePage() throws FormatException {
        ByteBuffer out = ByteBuffer.allocate(RecordHeader.BYTES);
        RECORD_HEADER.writeTo(out);
        assertThat(HexFormat.of().formatHex(out.array())).isEqualTo(RECORD.replace(" ", ""));
        assertThat(RecordHeader.readFrom(HexBytes.bytes(RECORD), "a", 0)).isEqualTo(RECORD_HEADER);
        assertThat(RECORD_HEADER.rawLength(new PageSize(4096))).isEqualTo(28 + 2 * 4100);
    }

    @Test
    void theColumnsOfAGroupAreTheBytesOfThePage() {
        MemorySegment image = MemorySegment.ofArray(new byte[512]);
        PageGroup group = new PageGroup();
        group.beginRecord();
        assertThat(columns(group, image, 7, 0x0d00_0001, 9, 10, 10, 0))
                .isEqualTo(
                        "00000007"
                                + "00000002"
                                + "00000001" // numbers: 7, 9, 10
                                + "0cfffffa"
                                + "00000001"
                                + "fffffff6"); // a leaf, 10 follows 9, the last
        // The next group of the record goes on from page 10
        assertThat(columns(group, image, 4_294_967_294L, -1)).isEqualTo("fffffff4" + "00000001");
    }

    private static String columns(PageGroup group, MemorySegment image, long... numbersAndWords) {
        for (int i = 0; i < numbersAndWords.length; i += 2) {
            image.asByteBuffer().putInt(0, (int) numbersAndWords[i + 1]);
            group.add(numbersAndWords[i], image);
        }
        byte[] out = new byte[PageGroup.columnBytes(group.count())];
        group.writeTo(MemorySegment.ofArray(out));
        return HexFormat.of().formatHex(out);
    }

    @Test
    void theColumnsOfAGroupComeBack() {
        SplittableRandom random = new SplittableRandom(1);
        PageGroup written = new PageGroup();
        PageGroup read = new PageGroup();
        MemorySegment image = MemorySegment.ofArray(new byte[512]);
        MemorySegment columns = MemorySegment.ofArray(new byte[PageGroup.MAX_COLUMN_BYTES]);
        written.beginRecord();
        read.beginRecord();
        long number = 0;
        for (int count : new int[] {2_048, 2_048, 1, 37}) {
            long[] numbers = new long[count];
            int[] words = new int[count];
            for (int i = 0; i < count; i++) {
                number += 1_000_000 + random.nextLong(30_000);
                numbers[i] = number;
                words[i] = random.nextInt();
                image.asByteBuffer().putInt(0, words[i]);
                written.add(number, image);
            }
            written.writeTo(columns);
            read.readFrom(columns, count);
            assertThat(read.count()).isEqualTo(count);
            for (int i = 0; i < count; i++) {
                read.putFirstWord(i, image);
                assertThat(read.number(i)).isEqualTo(numbers[i]);
                assertThat(image.asByteBuffer().getInt(0)).isEqualTo(words[i]);
            }
        }
        assertThat(number).isGreaterThan(Integer.MAX_VALUE);
    }

    @Test
    void aBaseHasAReasonAndNoPages() throws FormatException {
        RecordHeader base =
                new RecordHeader(
                        Optional.of(RebaseReason.DATABASE_REPLACED),
                        0,
                        42,
                        5,
                        OptionalLong.empty());
        ByteBuffer out = ByteBuffer.allocate(RecordHeader.BYTES);
        base.writeTo(out);
        assertThat(HexFormat.of().formatHex(out.array()))
                .isEqualTo(
                        "02000300"
                                + "00000000"
                                + "0000002a"
                                + "0000000000000005"
                                + "0000000000000000");
        assertThat(RecordHeader.readFrom(out, "a", 0)).isEqualTo(base);
        requireRecordRefused(out.duplicate().put(2, (byte) 0), "reason");
        requireRecordRefused(out.duplicate().put(2, (byte) 3).putInt(4, 1), "page count of a base");
    }

    @Test
    void aRecordThatBreaksARuleIsRefused() {
        requireRecordRefused(HexBytes.bytes(RECORD).put(0, (byte) 3), "kind of record");
        requireRecordRefused(HexBytes.bytes(RECORD).put(1, (byte) 2), "flags of a record");
        requireRecordRefused(HexBytes.bytes(RECORD).put(1, (byte) 0), "state checksum");
        requireRecordRefused(HexBytes.bytes(RECORD).put(2, (byte) 1), "reason of a commit");
        requireRecordRefused(HexBytes.bytes(RECORD).put(3, (byte) 1), "reserved byte 3");
        requireRecordRefused(HexBytes.bytes(RECORD).putInt(4, 43), "page count");
        requireRecordRefused(HexBytes.bytes(RECORD).putInt(4, -1), "page count");
        requireRecordRefused(HexBytes.bytes(RECORD).putInt(8, -1), "database pages");
        requireRecordRefused(HexBytes.bytes(RECORD).putLong(12, 1L << 53), "time");
    }

    private static void requireRecordRefused(ByteBuffer record, String field) {
        assertThatThrownBy(() -> RecordHeader.readFrom(record, "a", 0))
                .isInstanceOf(FormatException.BadField.class)
                .hasMessageContaining(field);
    }
}
