package dev.holdfast.format;

import dev.holdfast.format.failure.FormatException;

import java.nio.ByteBuffer;

/// First 128 bytes of a segment (`docs/format.md`, section 2.1). Big-endian.
///
/// ```
///   0  4 magic HFSG     64 8 writer id             104 8 raw length
///   4  1 version        72 8 first transaction     112 8 body length
///   5  1 flags          80 4 record count          120 4 database pages after the last record
///   6  1 codec          84 1 window log2           124 4 CRC-32C of bytes 0 to 123
///   7  1 page size log2 85 3 reserved
///   8 16 archive id     88 8 first time, micros
///  24  8 seq            96 8 last time, micros
///  32 32 digest before
/// ```
///
/// @param isSealed whether the body is encrypted; of a claim, whether what follows it is
/// @param windowLog2 of the zstd stream; 0 with LZ4
/// @param firstTx number of the first record, or of the next one if this segment has none
/// @param rawLength of the body after decompression, in bytes
/// @param databasePages after the last record; 0 without records
public record SegmentHeader(
        Kind kind,
        boolean isReset,
        boolean isSealed,
        Codec codec,
        PageSize pageSize,
        ArchiveId archive,
        long seq,
        Digest previous,
        WriterId writer,
        long firstTx,
        int recordCount,
        int windowLog2,
        long firstMicros,
        long lastMicros,
        long rawLength,
        long bodyLength,
        long databasePages) {

    /// What a segment is for.
    public enum Kind {
        COMMITS,
        CLAIM,
        REBASE
    }

    public static final int BYTES = 128;
    public static final int VERSION = 1;
    public static final int MAX_RECORDS = 1 << 20;
    public static final long MAX_LENGTH = (1L << 44) - 1;
    public static final int MIN_WINDOW_LOG2 = 10;
    public static final int MAX_WINDOW_LOG2 = 24;

    private static final int MAGIC = 0x48465347;
    private static final int RESET = 1;
    private static final int CLAIM = 2;
    private static final int REBASE = 4;
    private static final int SEALED = 8;

    /// All before it is what an encrypted body is bound to.
    public static final int CRC_AT = 124;

    /// Number of the last record; one less than `firstTx` if there is none.
    public long lastTx() {
        return firstTx + recordCount - 1;
    }

    /// Header, body and digest.
    public long storedLength() {
        return BYTES + bodyLength + Digest.BYTES;
    }

    /// Writes at the start of `out`; position and limit stay.
    public void writeTo(ByteBuffer out) {
        out.putInt(0, MAGIC).put(4, (byte) VERSION).put(5, (byte) flags());
        out.put(6, (byte) codec.number()).put(7, (byte) pageSize.log2());
        archive.writeTo(out, 8);
        out.putLong(24, seq);
        previous.writeTo(out, 32);
        out.putLong(64, writer.value()).putLong(72, firstTx).putInt(80, recordCount);
        out.put(84, (byte) windowLog2).put(85, (byte) 0).put(86, (byte) 0).put(87, (byte) 0);
        out.putLong(88, firstMicros).putLong(96, lastMicros);
        out.putLong(104, rawLength).putLong(112, bodyLength).putInt(120, (int) databasePages);
        out.putInt(CRC_AT, FieldCheck.crc32c(out, CRC_AT));
    }

    private int flags() {
        int kindFlag =
                switch (kind) {
                    case COMMITS -> 0;
                    case CLAIM -> CLAIM;
                    case REBASE -> REBASE;
                };
        return kindFlag | (isReset ? RESET : 0) | (isSealed ? SEALED : 0);
    }

    /// Reads from the start of `in`, whose limit is where the object's known bytes end. Checks
    /// magic, version and CRC before it believes any other byte, then each field by itself; that
    /// the lengths fit the object is the caller's to check.
    ///
    /// @param object name of the log object, for the error
    /// @param at offset of the segment in it, for the error
    public static SegmentHeader readFrom(ByteBuffer in, String object, long at)
            throws FormatException {
        FieldCheck check = new FieldCheck(object, at);
        check.start(in, BYTES, MAGIC, VERSION, "segment header");
        check.crc(in, CRC_AT);
        int flags = in.get(5) & 0xff;
        boolean isKnown = (flags & ~(RESET | CLAIM | REBASE | SEALED)) == 0;
        check.require(isKnown, "flags", flags, "only 1, 2, 4 and 8");
        check.range(in.get(7), 9, 16, "page size log2");
        check.zero(in, 85, 88);
        SegmentHeader header =
                new SegmentHeader(
                        kind(flags, check),
                        (flags & RESET) != 0,
                        (flags & SEALED) != 0,
                        Codec.of(in.get(6) & 0xff, check),
                        PageSize.ofLog2(in.get(7)),
                        ArchiveId.readFrom(in, 8),
                        in.getLong(24),
                        Digest.readFrom(in, 32),
                        new WriterId(in.getLong(64)),
                        in.getLong(72),
                        in.getInt(80),
                        in.get(84) & 0xff,
                        in.getLong(88),
                        in.getLong(96),
                        in.getLong(104),
                        in.getLong(112),
                        in.getInt(120) & 0xffff_ffffL);
        header.checkFields(check);
        return header;
    }

    private static Kind kind(int flags, FieldCheck check) throws FormatException {
        return switch (flags & (CLAIM | REBASE)) {
            case 0 -> Kind.COMMITS;
            case CLAIM -> Kind.CLAIM;
            case REBASE -> Kind.REBASE;
            default -> throw check.bad("flags", flags, "claim or rebase, not both");
        };
    }

    private void checkFields(FieldCheck check) throws FormatException {
        check.range(seq, 1, Long.MAX_VALUE, "seq");
        long lastFirstTx = Long.MAX_VALUE - MAX_RECORDS;
        check.range(firstTx, 1, seq == 1 ? 1 : lastFirstTx, "first transaction");
        check.range(firstMicros, 0, Micros.MAX, "first time");
        check.range(lastMicros, firstMicros, Micros.MAX, "last time");
        check.range(rawLength, 0, MAX_LENGTH, "raw length");
        check.range(bodyLength, 0, MAX_LENGTH, "body length");
        switch (codec) {
            case ZSTD -> check.range(windowLog2, MIN_WINDOW_LOG2, MAX_WINDOW_LOG2, "window log2");
            case LZ4 -> check.range(windowLog2, 0, 0, "window log2");
        }
        switch (kind) {
            case COMMITS -> {
                check.range(recordCount, 1, MAX_RECORDS, "record count");
                check.range(firstTx, 2, lastFirstTx, "first transaction, as 1 is a base,");
                check.require(isReset || codec == Codec.ZSTD, "reset", "not set", "set with LZ4");
            }
            case CLAIM -> {
                check.range(recordCount, 0, 0, "record count of a claim");
                check.range(rawLength, 0, 0, "raw length of a claim");
                check.range(bodyLength, 0, 0, "body length of a claim");
                check.range(databasePages, 0, 0, "database pages of a claim");
                check.require(!isReset, "reset", "set", "not set in a claim");
            }
            case REBASE -> {
                check.range(recordCount, 1, 1, "record count of a rebase");
                check.require(isReset, "reset", "not set", "set in a rebase");
            }
        }
        check.range(rawLength, (long) recordCount * RecordHeader.BYTES, MAX_LENGTH, "raw length");
        check.range(databasePages, 0, RecordHeader.MAX_DATABASE_PAGES, "database pages");
    }

    /// Checks that this segment may be the first of an archive.
    ///
    /// @param archiveInfo digest of archive.json
    public void checkBegins(Digest archiveInfo, String object, long at) throws FormatException {
        new FieldCheck(object, at).require(seq == 1, "seq", seq, "1");
        if (!previous.equals(archiveInfo)) {
            throw new FormatException.DigestMismatch(
                    object, at, "archive.json", archiveInfo.toString(), previous.toString());
        }
    }

    /// Checks that this segment may stand right after `before` in a log.
    public void checkFollows(SegmentHeader before, Digest digestBefore, String object, long at)
            throws FormatException {
        FieldCheck check = new FieldCheck(object, at);
        check.require(
                archive.equals(before.archive), "archive id", archive, before.archive.toString());
        check.require(seq == before.seq + 1, "seq", seq, String.valueOf(before.seq + 1));
        if (!previous.equals(digestBefore)) {
            throw new FormatException.DigestMismatch(
                    object, at, "the segment before", digestBefore.toString(), previous.toString());
        }
        check.require(
                firstTx == before.lastTx() + 1,
                "first transaction",
                firstTx,
                String.valueOf(before.lastTx() + 1));
        check.require(
                firstMicros > before.lastMicros,
                "first time",
                firstMicros,
                "later than " + before.lastMicros);
        check.require(
                kind == Kind.REBASE || pageSize.equals(before.pageSize),
                "page size",
                pageSize.bytes(),
                before.pageSize.bytes() + ", or a rebase");
        boolean isContinued = kind == Kind.COMMITS && !isReset;
        check.require(
                !isContinued || (before.kind != Kind.CLAIM && codec == before.codec),
                "reset",
                "not set",
                "set after a claim or a change of codec");
        check.require(
                isSealed || !before.isSealed, "sealed", "not set", "set, as in the one before");
        check.require(
                !isContinued || isSealed == before.isSealed, "sealed", "set", "a reset with it");
        check.require(
                !isContinued || windowLog2 == before.windowLog2,
                "window log2",
                windowLog2,
                before.windowLog2 + ", or a reset");
    }
}
