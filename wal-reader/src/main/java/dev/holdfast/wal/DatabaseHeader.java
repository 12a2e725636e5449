package dev.holdfast.wal;

import dev.holdfast.format.PageSize;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// What matters here of the first 100 bytes of a database file (SQLite file format, section 1.3).
/// Big-endian throughout.
///
/// ```
/// offset  size  field
///      0    16  "SQLite format 3" and a zero byte
///     16     2  page size, where 1 stands for 65536
///     18     1  write version: 1 rollback journal, 2 WAL
///     19     1  read version, the same
///     20     1  bytes reserved at the end of each page
///     24     4  change counter; stands still in WAL mode
///     28     4  database size in pages
///     56     4  text encoding: 1 UTF-8, 2 UTF-16LE, 3 UTF-16BE, 0 before the first table
///     92     4  change counter for which 28 and 96 were written
///     96     4  version of the SQLite that last wrote page 1, as 3040001 for 3.40.1
/// ```
///
/// A copy in the file: a newer page 1 can be in the WAL.
///
/// @param databasePages believe it only if [#isDatabaseSizeValid]
public record DatabaseHeader(
        int pageSize,
        int writeVersion,
        int readVersion,
        int reservedBytes,
        int changeCounter,
        long databasePages,
        int textEncoding,
        int versionValidFor,
        int sqliteVersion) {
    public static final int BYTES = 100;

    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort U16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt U32 =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    public DatabaseHeader {
        if (!PageSize.isValid(pageSize)) {
            throw new IllegalArgumentException("page size " + pageSize);
        }
    }

    /// Reads what a database file begins with: 100 bytes or more, or fewer where it ends before.
    public static DatabaseHeaderStep readFrom(MemorySegment in) {
        if (in.byteSize() == 0) {
            return new DatabaseHeaderStep.Empty();
        }
        long compared = Math.min(in.byteSize(), MAGIC.length);
        MemorySegment beginning = in.asSlice(0, compared);
        if (beginning.mismatch(MemorySegment.ofArray(MAGIC).asSlice(0, compared)) >= 0) {
            return new DatabaseHeaderStep.NotADatabase(printable(beginning.toArray(U8)));
        }
        if (in.byteSize() < BYTES) {
            return new DatabaseHeaderStep.Truncated(in.byteSize());
        }
        int pageSizeField = Short.toUnsignedInt(in.get(U16, 16));
        int pageSize = pageSizeField == 1 ? PageSize.MAX_BYTES : pageSizeField;
        if (!PageSize.isValid(pageSize)) {
            return new DatabaseHeaderStep.BadPageSize(pageSize);
        }
        return new DatabaseHeaderStep.Valid(
                new DatabaseHeader(
                        pageSize,
                        Byte.toUnsignedInt(in.get(U8, 18)),
                        Byte.toUnsignedInt(in.get(U8, 19)),
                        Byte.toUnsignedInt(in.get(U8, 20)),
                        in.get(U32, 24),
                        Integer.toUnsignedLong(in.get(U32, 28)),
                        in.get(U32, 56),
                        in.get(U32, 92),
                        in.get(U32, 96)));
    }

    /// By the read version: a reader that knows it can follow the file, whatever a writer must know
    /// beyond.
    public JournalMode journalMode() {
        return JournalMode.of(readVersion);
    }

    /// Whether the size in the header can be believed: SQLite before 3.7.0 changed the file without
    /// it.
    public boolean isDatabaseSizeValid() {
        return databasePages > 0 && changeCounter == versionValidFor;
    }

    private static String printable(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", ".");
    }
}
