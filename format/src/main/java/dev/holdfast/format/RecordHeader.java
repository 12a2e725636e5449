package dev.holdfast.format;

import dev.holdfast.format.failure.FormatException;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;

/// The 28 bytes in front of each transaction's pages (`docs/format.md`, section 2.3). Big-endian.
///
/// ```
///   0 1 kind      4 4 page count          12 8 time, micros
///   1 1 flags     8 4 database pages      20 8 state checksum
///   2 1 reason    3 1 reserved
/// ```
///
/// @param rebase why history begins anew here; empty for a commit
/// @param databasePages size of the database after this transaction
/// @param stateChecksum of the database after this transaction; empty if the writer did not know it
public record RecordHeader(
        Optional<RebaseReason> rebase,
        int pageCount,
        long databasePages,
        long micros,
        OptionalLong stateChecksum) {
    public static final int BYTES = 28;

    /// SQLite file format 1.3: the largest page number.
    public static final long MAX_DATABASE_PAGES = 4_294_967_294L;

    private static final int COMMIT = 1;
    private static final int BASE = 2;
    private static final int CHECKSUM_KNOWN = 1;

    /// Header and pages, uncompressed.
    public long rawLength(PageSize pageSize) {
        return BYTES + (long) pageCount * (PageGroup.NUMBER_BYTES + pageSize.bytes());
    }

    /// Writes at the start of `out`; position and limit stay.
    public void writeTo(ByteBuffer out) {
        out.put(0, (byte) (rebase.isPresent() ? BASE : COMMIT));
        out.put(1, (byte) (stateChecksum.isPresent() ? CHECKSUM_KNOWN : 0));
        out.put(2, (byte) rebase.map(RebaseReason::number).orElse(0).intValue()).put(3, (byte) 0);
        out.putInt(4, pageCount).putInt(8, (int) databasePages);
        out.putLong(12, micros).putLong(20, stateChecksum.orElse(0));
    }

    /// Reads from the start of `in`, which holds [#BYTES].
    ///
    /// @param object name of the log object, for the error
    /// @param at offset of the segment in it, for the error
    public static RecordHeader readFrom(ByteBuffer in, String object, long at)
            throws FormatException {
        FieldCheck check = new FieldCheck(object, at);
        int kind = in.get(0) & 0xff;
        check.require(
                kind == COMMIT || kind == BASE, "kind of record", kind, "1 (commit) or 2 (base)");
        int flags = in.get(1) & 0xff;
        check.require((flags & ~CHECKSUM_KNOWN) == 0, "flags of a record", flags, "0 or 1");
        check.zero(in, 3, 4);
        Optional<RebaseReason> rebase = Optional.empty();
        if (kind == BASE) {
            rebase = Optional.of(RebaseReason.of(in.get(2) & 0xff, check));
            check.range(in.getInt(4), 0, 0, "page count of a base");
        } else {
            check.range(in.get(2), 0, 0, "reason of a commit");
        }
        long databasePages = in.getInt(8) & 0xffff_ffffL;
        check.range(databasePages, 0, MAX_DATABASE_PAGES, "database pages");
        int pageCount = in.getInt(4);
        check.range(pageCount, 0, Math.min(databasePages, Integer.MAX_VALUE), "page count");
        check.range(in.getLong(12), 0, Micros.MAX, "time");
        boolean isKnown = (flags & CHECKSUM_KNOWN) != 0;
        check.require(
                isKnown || in.getLong(20) == 0,
                "state checksum",
                in.getLong(20),
                "0 where it is not known");
        OptionalLong stateChecksum =
                isKnown ? OptionalLong.of(in.getLong(20)) : OptionalLong.empty();
        return new RecordHeader(rebase, pageCount, databasePages, in.getLong(12), stateChecksum);
    }
}
