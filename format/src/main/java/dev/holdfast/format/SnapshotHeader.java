package dev.holdfast.format;

import dev.holdfast.format.failure.FormatException;

import java.nio.ByteBuffer;

/// First 64 bytes of a snapshot (`docs/format.md`, section 3). Big-endian.
///
/// ```
///   0  4 magic HFSN       8 16 archive id     48 4 pages a block
///   4  1 version         24  8 writer id      52 8 reserved
///   5  1 codec           32  8 replayFrom     60 4 CRC-32C of bytes 0 to 59
///   6  1 page size log2  40  8 begun, micros
///   7  1 flags: 1 sealed
/// ```
///
/// @param replayFrom seq of the first segment to apply over the copy
/// @param beganMicros when the copy began
/// @param isSealed whether the blocks and the state checksum are encrypted
public record SnapshotHeader(
        Codec codec,
        PageSize pageSize,
        ArchiveId archive,
        WriterId writer,
        long replayFrom,
        long beganMicros,
        int pagesPerBlock,
        boolean isSealed) {
    public static final int BYTES = 64;
    public static final int VERSION = 1;
    public static final int MAX_BLOCK_BYTES = 8 << 20;

    private static final int MAGIC = 0x4846534e;
    private static final int SEALED = 1;
    private static final int CRC_AT = 60;

    /// Raw size of every block but the last.
    public int blockBytes() {
        return pagesPerBlock * pageSize.bytes();
    }

    /// Writes at the start of `out`; position and limit stay.
    public void writeTo(ByteBuffer out) {
        out.putInt(0, MAGIC).put(4, (byte) VERSION).put(5, (byte) codec.number());
        out.put(6, (byte) pageSize.log2()).put(7, (byte) (isSealed ? SEALED : 0));
        archive.writeTo(out, 8);
        out.putLong(24, writer.value()).putLong(32, replayFrom).putLong(40, beganMicros);
        out.putInt(48, pagesPerBlock).putLong(52, 0);
        out.putInt(CRC_AT, FieldCheck.crc32c(out, CRC_AT));
    }

    /// Reads from the start of `in`; checks magic, version and CRC before it believes any other
    /// byte.
    public static SnapshotHeader readFrom(ByteBuffer in, String object) throws FormatException {
        FieldCheck check = new FieldCheck(object, 0);
        check.start(in, BYTES, MAGIC, VERSION, "snapshot header");
        check.crc(in, CRC_AT);
        check.range(in.get(6), 9, 16, "page size log2");
        check.range(in.get(7), 0, SEALED, "flags");
        check.zero(in, 52, 60);
        PageSize pageSize = PageSize.ofLog2(in.get(6));
        check.range(in.getLong(32), 1, Long.MAX_VALUE, "replayFrom");
        check.range(in.getLong(40), 0, Micros.MAX, "begun");
        check.range(in.getInt(48), 1, MAX_BLOCK_BYTES / pageSize.bytes(), "pages a block");
        return new SnapshotHeader(
                Codec.of(in.get(5) & 0xff, check),
                pageSize,
                ArchiveId.readFrom(in, 8),
                new WriterId(in.getLong(24)),
                in.getLong(32),
                in.getLong(40),
                in.getInt(48),
                in.get(7) == SEALED);
    }
}
