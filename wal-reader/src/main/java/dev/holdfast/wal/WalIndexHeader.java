package dev.holdfast.wal;

import dev.holdfast.format.PageSize;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// One consistent copy of the wal-index header, with what the checkpointer notes beside it: the
/// oracle that says which commits exist.
///
/// A commit frame can be in `-wal`, valid in every way, and never have happened: its writer died
/// before it updated this header, and the next writer overwrites it. Only frames up to `maxFrame`
/// count.
///
/// ```
/// offset  size  field, in native byte order but for the salts
///      0     4  version, 3007000
///      4     4  unused
///      8     4  change counter, one step a transaction
///     12     1  1 once initialized
///     13     1  1 if the WAL's checksums are over big-endian words
///     14     2  page size, where 1 stands for 65536, and 0 for "nothing written yet"
///     16     4  number of the last committed frame
///     20     4  database size in pages
///     24     8  cumulative checksum of the last committed frame
///     32     8  salts, the bytes as they are in the WAL: big-endian
///     40     8  checksum over bytes 0 to 39, over native words
///     48    48  the same again
///     96     4  frames copied back to the database
///    100    28  read marks, lock bytes
///    128     4  frames that a checkpointer set out to copy back
///    132     4  unused
/// ```
///
/// @param changeCounter the cheapest answer to "anything new?": equality only, it wraps
/// @param pageSize 0 as long as nothing was ever written: then `maxFrame` is 0 too
/// @param frameChecksum1 means nothing while `maxFrame` is 0: left over from the generation before
/// @param backfilled not covered by the header's checksum: in the moment of a reset it can still be
///   that of the generation before
public record WalIndexHeader(
        int changeCounter,
        boolean bigEndianChecksums,
        int pageSize,
        long maxFrame,
        long databasePages,
        int frameChecksum1,
        int frameChecksum2,
        int salt1,
        int salt2,
        long backfilled,
        long backfillAttempted) {
    /// Both copies, and the checkpointer's notes.
    public static final int BYTES = 136;

    static final int VERSION = 3007000;

    private static final int COPY_BYTES = 48;
    private static final int CHECKED_BYTES = 40;
    private static final boolean NATIVE_IS_BIG_ENDIAN =
            ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;
    private static final ValueLayout.OfInt NATIVE_U32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfShort NATIVE_U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
    // SQLite copies them from and to the WAL byte by byte, whatever the host
    private static final ValueLayout.OfInt SALT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    public WalIndexHeader {
        if (maxFrame < 0 || maxFrame > WalFrame.MAX_NUMBER) {
            throw new IllegalArgumentException("maxFrame: wanted a u32, found " + maxFrame);
        }
        if (maxFrame > 0 && !PageSize.isValid(pageSize)) {
            throw new IllegalArgumentException("page size " + pageSize);
        }
    }

    /// The end of the last commit. Its checksum means nothing while `maxFrame` is 0: the start of a
    /// generation is known from the header of the WAL alone, see [WalFile#start].
    public WalPosition end() {
        return new WalPosition(salt1, salt2, maxFrame, frameChecksum1, frameChecksum2);
    }

    /// Whether all of the WAL is in the database file: the next reader may ignore the WAL, the next
    /// writer may reset it.
    public boolean isBackfilled() {
        return backfilled == maxFrame;
    }

    /// Checks that both copies agree, then initialization, checksum and version, before it believes
    /// any other byte.
    static WalIndexStep readFrom(MemorySegment in) {
        if (in.asSlice(0, COPY_BYTES).mismatch(in.asSlice(COPY_BYTES, COPY_BYTES)) >= 0) {
            return new WalIndexStep.Torn();
        }
        if (in.get(U8, 12) == 0) {
            return new WalIndexStep.Uninitialized();
        }
        long checksum =
                WalChecksum.update(WalChecksum.SEED, in, 0, CHECKED_BYTES, NATIVE_IS_BIG_ENDIAN);
        if (checksum != WalChecksum.of(in.get(NATIVE_U32, 40), in.get(NATIVE_U32, 44))) {
            return new WalIndexStep.Torn();
        }
        int version = in.get(NATIVE_U32, 0);
        int pageSizeField = Short.toUnsignedInt(in.get(NATIVE_U16, 14));
        int pageSize = pageSizeField == 1 ? PageSize.MAX_BYTES : pageSizeField;
        long maxFrame = unsigned(in, 16);
        boolean isUntouched = pageSize == 0 && maxFrame == 0;
        if (version != VERSION || !(isUntouched || PageSize.isValid(pageSize))) {
            return new WalIndexStep.Unsupported(version, pageSize);
        }
        return new WalIndexStep.Header(
                new WalIndexHeader(
                        in.get(NATIVE_U32, 8),
                        in.get(U8, 13) != 0,
                        pageSize,
                        maxFrame,
                        unsigned(in, 20),
                        in.get(NATIVE_U32, 24),
                        in.get(NATIVE_U32, 28),
                        in.get(SALT, 32),
                        in.get(SALT, 36),
                        unsigned(in, 96),
                        unsigned(in, 128)));
    }

    private static long unsigned(MemorySegment in, long offset) {
        return Integer.toUnsignedLong(in.get(NATIVE_U32, offset));
    }
}
