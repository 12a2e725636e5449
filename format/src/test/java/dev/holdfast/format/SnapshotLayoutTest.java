package dev.holdfast.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.FormatException;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/// The layouts of a snapshot, byte by byte as `docs/format.md` says. The checksums and digests were
/// computed by Python.
class SnapshotLayoutTest {
    private static final ArchiveId ARCHIVE = ArchiveId.parse("00112233445566778899aabbccddeeff");
    private static final WriterId WRITER = WriterId.parse("0123456789abcdef");
    private static final Digest PREVIOUS = Digest.parse("5a".repeat(32));

    private static final String SNAPSHOT =
            "4846534e 01 02 09 00" // magic, version, lz4, 512
                    + "00112233445566778899aabbccddeeff" // archive id
                    + "0123456789abcdef" // writer
                    + "0000000000000005 0006477ef45f2180" // replayFrom, begun
                    + "00000004 0000000000000000 55eac6e6"; // pages a block, reserved, CRC-32C

    private static final SnapshotHeader SNAPSHOT_HEADER =
            new SnapshotHeader(
                    Codec.LZ4,
                    new PageSize(512),
                    ARCHIVE,
                    WRITER,
                    5,
                    0x0006477ef45f2180L,
                    4,
                    false);

    private static final String INDEX = "00000010" + "11".repeat(32) + "00000200" + "22".repeat(32);

    private static final String FOOTER =
            "48465346 00000002" // magic, blocks
                    + "0000000000000250" // offset of the index: 64 + 16 + 512
                    + "00000005 00000006" // pages copied, database pages
                    + "0000000000000007" // consistentAt
                    + "5a".repeat(32) // its digest
                    + "000000000000000b 0006477ef45f2190" // transaction, time
                    + "fedcba9876543210 0000000000000000" // state checksum, reserved
                    + "af5d4c98a7bc8bb14b717ecb8a72838151ba612fab93abf6cb2e35702e7643a8";

    private static final SnapshotFooter SNAPSHOT_FOOTER =
            new SnapshotFooter(
                    2, 0x250, 5, 6, 7, PREVIOUS, 11, 0x0006477ef45f2190L, 0xfedcba9876543210L);

    private static final long SNAPSHOT_BYTES = 0x250 + 72 + 128;

    @Test
    void aSnapshotHeaderIsTheBytesOfThePage() throws FormatException {
        ByteBuffer out = ByteBuffer.allocate(SnapshotHeader.BYTES);
        SNAPSHOT_HEADER.writeTo(out);
        assertThat(HexFormat.of().formatHex(out.array())).isEqualTo(SNAPSHOT.replace(" ", ""));
        assertThat(SnapshotHeader.readFrom(HexBytes.bytes(SNAPSHOT), "a"))
                .isEqualTo(SNAPSHOT_HEADER);
    }

    @Test
    void anyFlippedBitAndAnyTruncationOfASnapshotHeaderIsRefused() {
        for (int bit = 0; bit < 8 * SnapshotHeader.BYTES; bit++) {
            ByteBuffer damaged = HexBytes.flipped(SNAPSHOT, bit);
            assertThatThrownBy(() -> SnapshotHeader.readFrom(damaged, "a"))
                    .isInstanceOf(FormatException.class);
        }
        for (int length = 0; length < SnapshotHeader.BYTES; length++) {
            ByteBuffer cut = HexBytes.bytes(SNAPSHOT).limit(length);
            assertThatThrownBy(() -> SnapshotHeader.readFrom(cut, "a"))
                    .isInstanceOf(FormatException.Truncated.class);
        }
    }

    @Test
    void blocksOfMoreThan8MebibytesOrOfNoPagesAreRefused() {
        for (int pages : new int[] {0, 16_385, -1, Integer.MAX_VALUE}) {
            ByteBuffer header = HexBytes.bytes(SNAPSHOT).putInt(48, pages);
            header.putInt(60, FieldCheck.crc32c(header, 60));
            assertThatThrownBy(() -> SnapshotHeader.readFrom(header, "a"))
                    .hasMessageContaining("pages a block");
        }
    }

    @Test
    void aSnapshotFooterIsTheBytesOfThePage() throws FormatException {
        ByteBuffer out = ByteBuffer.allocate(SnapshotFooter.BYTES);
        SNAPSHOT_FOOTER.writeTo(out, HexBytes.bytes(SNAPSHOT), HexBytes.bytes(INDEX));
        assertThat(HexFormat.of().formatHex(out.array())).isEqualTo(FOOTER.replace(" ", ""));
        assertThat(readFooter(HexBytes.bytes(FOOTER), SNAPSHOT_BYTES)).isEqualTo(SNAPSHOT_FOOTER);
    }

    @Test
    void anyFlippedBitOfASnapshotFooterOrIndexIsRefused() {
        for (int bit = 0; bit < 8 * SnapshotFooter.BYTES; bit++) {
            ByteBuffer damaged = HexBytes.flipped(FOOTER, bit);
            assertThatThrownBy(() -> readFooter(damaged, SNAPSHOT_BYTES))
                    .isInstanceOf(FormatException.class);
        }
        for (int bit = 0; bit < 8 * 72; bit++) {
            ByteBuffer index = HexBytes.flipped(INDEX, bit);
            assertThatThrownBy(() ->
                            SnapshotFooter.checkDigest(
                                    HexBytes.bytes(FOOTER),
                                    HexBytes.bytes(SNAPSHOT),
                                    index,
                                    "a",
                                    SNAPSHOT_BYTES))
                    .isInstanceOf(FormatException.DigestMismatch.class);
        }
    }

    @Test
    void anIndexThatIsNotWhereTheObjectsSizeSaysIsRefusedBeforeItIsRead() {
        for (long bytes : new long[] {SNAPSHOT_BYTES - 1, SNAPSHOT_BYTES + 1, 192, 0}) {
            assertThatThrownBy(() -> readFooter(HexBytes.bytes(FOOTER), bytes))
                    .hasMessageContaining("offset of the index");
        }
        assertThatThrownBy(() -> readFooter(HexBytes.bytes(FOOTER).putInt(4, -1), SNAPSHOT_BYTES))
                .hasMessageContaining("block count");
        assertThatThrownBy(
                        () -> readFooter(HexBytes.bytes(FOOTER).putInt(4, 1 << 30), SNAPSHOT_BYTES))
                .hasMessageContaining("block count");
    }

    private static SnapshotFooter readFooter(ByteBuffer footer, long objectBytes)
            throws FormatException {
        SnapshotFooter read = SnapshotFooter.readFrom(footer, SNAPSHOT_HEADER, "a", objectBytes);
        SnapshotFooter.checkDigest(
                footer, HexBytes.bytes(SNAPSHOT), HexBytes.bytes(INDEX), "a", objectBytes);
        return read;
    }
}
