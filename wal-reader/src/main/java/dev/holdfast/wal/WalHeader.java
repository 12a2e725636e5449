package dev.holdfast.wal;

import dev.holdfast.format.PageSize;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The header of a `-wal` (SQLite file format, section 4.1). Big-endian throughout.
///
/// ```
/// offset  size  field
///      0     4  magic 377f0682 or 377f0683: the low bit says that checksums are over big-endian words
///      4     4  version, 3007000
///      8     4  page size
///     12     4  checkpoint sequence
///     16     4  salt 1
///     20     4  salt 2
///     24     8  checksum over bytes 0 to 23
/// ```
///
/// SQLite writes it together with the first frame after a reset, not at the reset: until then the
/// `-shm` tells of a generation that this header knows nothing about. Neither sequence nor salts
/// are monotonic: a new file starts over at random.
public record WalHeader(
        boolean bigEndianChecksums,
        int pageSize,
        int checkpointSequence,
        int salt1,
        int salt2,
        int checksum1,
        int checksum2) {
    public static final int BYTES = 32;

    static final int MAGIC = 0x377f0682;
    static final int VERSION = 3007000;

    private static final int CHECKED_BYTES = 24;
    private static final ValueLayout.OfInt U32 =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    public WalHeader {
        if (!PageSize.isValid(pageSize)) {
            throw new IllegalArgumentException("page size " + pageSize);
        }
    }

    /// Checks length, magic and checksum, in this order, before it believes any other byte.
    ///
    /// @param in what the file begins with: 32 bytes, or fewer where it ends before
    static WalHeaderStep readFrom(MemorySegment in) {
        if (in.byteSize() == 0) {
            return new WalHeaderStep.Empty();
        }
        if (in.byteSize() < BYTES) {
            return new WalHeaderStep.Torn();
        }
        int magic = in.get(U32, 0);
        if ((magic & ~1) != MAGIC) {
            return new WalHeaderStep.Foreign(magic);
        }
        boolean bigEndian = (magic & 1) != 0;
        long checksum = WalChecksum.update(WalChecksum.SEED, in, 0, CHECKED_BYTES, bigEndian);
        if (checksum != WalChecksum.of(in.get(U32, 24), in.get(U32, 28))) {
            return new WalHeaderStep.Torn();
        }
        int version = in.get(U32, 4);
        int pageSize = in.get(U32, 8);
        if (version != VERSION || !PageSize.isValid(pageSize)) {
            return new WalHeaderStep.Unsupported(version, pageSize);
        }
        return new WalHeaderStep.Valid(
                new WalHeader(
                        bigEndian,
                        pageSize,
                        in.get(U32, 12),
                        in.get(U32, 16),
                        in.get(U32, 20),
                        WalChecksum.first(checksum),
                        WalChecksum.second(checksum)));
    }
}
