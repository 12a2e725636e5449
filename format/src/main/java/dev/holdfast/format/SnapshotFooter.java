package dev.holdfast.format;

import dev.holdfast.format.failure.FormatException;

import java.nio.ByteBuffer;
import java.security.MessageDigest;

/// Last 128 bytes of a snapshot (`docs/format.md`, section 3). Big-endian.
///
/// ```
///   0 4 magic HFSF       16 4 pages copied               32 32 digest of that segment
///   4 4 block count      20 4 pages at consistentAt      64  8 its last transaction
///   8 8 index offset     24 8 consistentAt, a seq        72  8 time of that, micros
///  80 8 state checksum   88 8 reserved                   96 32 digest of head, index, bytes 0 to 95
/// ```
///
/// @param indexOffset of the table of stored lengths and digests
/// @param pagesCopied how many pages the blocks hold
/// @param databasePages size of the database at `consistentAt`
/// @param consistentAt seq of the segment after which this snapshot, repaired by the log, is the
///   database
/// @param segmentDigest digest of that segment
/// @param tx the last transaction at `consistentAt`
/// @param stateChecksum 0 in a sealed snapshot, which has it encrypted behind the index
public record SnapshotFooter(
        int blockCount,
        long indexOffset,
        long pagesCopied,
        long databasePages,
        long consistentAt,
        Digest segmentDigest,
        long tx,
        long micros,
        long stateChecksum) {
    public static final int BYTES = 128;
    public static final int MAX_BLOCKS = 1 << 20;

    /// One entry of the index: stored length (4), digest of the stored bytes (32).
    public static final int INDEX_ENTRY_BYTES = 4 + Digest.BYTES;

    /// The state checksum of a sealed snapshot: 8 bytes and their tag.
    public static final int SEALED_CHECKSUM_BYTES = 24;

    private static final int MAGIC = 0x48465346;
    private static final int DIGEST_AT = 96;

    public int indexBytes() {
        return blockCount * INDEX_ENTRY_BYTES;
    }

    /// Writes at the start of `out`; position and limit stay.
    ///
    /// @param head as stored, all in front of the blocks, from its position to its limit
    /// @param index as stored, and the sealed checksum behind it
    public void writeTo(ByteBuffer out, ByteBuffer head, ByteBuffer index) {
        writeFields(out);
        digest(out, head, index).writeTo(out, DIGEST_AT);
    }

    private void writeFields(ByteBuffer out) {
        out.putInt(0, MAGIC).putInt(4, blockCount).putLong(8, indexOffset);
        out.putInt(16, (int) pagesCopied).putInt(20, (int) databasePages).putLong(24, consistentAt);
        segmentDigest.writeTo(out, 32);
        out.putLong(64, tx).putLong(72, micros).putLong(80, stateChecksum).putLong(88, 0);
    }

    /// What a sealed state checksum is bound to: all that is visible but the blocks, which the
    /// index has the digests of.
    ///
    /// @param head as for [#writeTo]
    /// @param index as stored, without what is behind it
    public Digest binding(ByteBuffer head, ByteBuffer index) {
        ByteBuffer fields = ByteBuffer.allocate(BYTES);
        writeFields(fields);
        return digest(fields, head, index);
    }

    /// Reads from the start of `in`. Believes nothing but the place of the index, which it checks
    /// against the object's size; [#checkDigest] must follow once the index is there.
    ///
    /// @param objectBytes size of the whole object
    public static SnapshotFooter readFrom(
            ByteBuffer in, SnapshotHeader header, String object, long objectBytes)
            throws FormatException {
        FieldCheck check = new FieldCheck(object, objectBytes - BYTES);
        check.require(in.limit() >= BYTES, "size of the footer", in.limit(), String.valueOf(BYTES));
        if (in.getInt(0) != MAGIC) {
            throw new FormatException.NoFooter(
                    object, objectBytes - BYTES, "snapshot", objectBytes, in.getInt(0), MAGIC);
        }
        SnapshotFooter footer =
                new SnapshotFooter(
                        in.getInt(4),
                        in.getLong(8),
                        in.getInt(16) & 0xffff_ffffL,
                        in.getInt(20) & 0xffff_ffffL,
                        in.getLong(24),
                        Digest.readFrom(in, 32),
                        in.getLong(64),
                        in.getLong(72),
                        in.getLong(80));
        check.zero(in, 88, 96);
        footer.checkFields(header, objectBytes, check);
        return footer;
    }

    private void checkFields(SnapshotHeader header, long objectBytes, FieldCheck check)
            throws FormatException {
        check.range(pagesCopied, 0, RecordHeader.MAX_DATABASE_PAGES, "pages copied");
        check.range(databasePages, 0, RecordHeader.MAX_DATABASE_PAGES, "database pages");
        check.range(blockCount, 0, MAX_BLOCKS, "block count");
        long blocks = Math.ceilDiv(pagesCopied, header.pagesPerBlock());
        check.require(
                blockCount == blocks,
                "block count",
                blockCount,
                blocks + " for " + pagesCopied + " pages");
        long index = objectBytes - BYTES - indexBytes() - sealedChecksumBytes(header);
        check.require(
                indexOffset == index, "offset of the index", indexOffset, String.valueOf(index));
        check.range(indexOffset, SnapshotHeader.BYTES, Long.MAX_VALUE, "offset of the index");
        check.range(consistentAt, 1, Long.MAX_VALUE - 1, "consistentAt");
        check.range(tx, 1, Long.MAX_VALUE, "transaction");
        check.range(micros, 0, Micros.MAX, "time");
        check.range(header.replayFrom(), 1, consistentAt + 1, "replayFrom");
        check.require(
                !header.isSealed() || stateChecksum == 0,
                "state checksum of a sealed snapshot",
                stateChecksum,
                "0");
    }

    /// How many bytes lie between index and footer.
    public static int sealedChecksumBytes(SnapshotHeader header) {
        return header.isSealed() ? SEALED_CHECKSUM_BYTES : 0;
    }

    /// Checks head, index and footer against the digest; all three as stored, each from its
    /// position.
    public static void checkDigest(
            ByteBuffer footer, ByteBuffer head, ByteBuffer index, String object, long objectBytes)
            throws FormatException {
        Digest found = digest(footer, head, index);
        Digest wanted = Digest.readFrom(footer, DIGEST_AT);
        if (!found.equals(wanted)) {
            throw new FormatException.DigestMismatch(
                    object,
                    objectBytes - BYTES,
                    "header, index and footer",
                    found.toString(),
                    wanted.toString());
        }
    }

    private static Digest digest(ByteBuffer footer, ByteBuffer head, ByteBuffer index) {
        MessageDigest sha256 = Digest.sha256();
        sha256.update(head.duplicate());
        sha256.update(index.duplicate());
        sha256.update(footer.slice(0, DIGEST_AT));
        return Digest.of(sha256);
    }
}
