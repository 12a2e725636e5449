package dev.holdfast.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.FuzzInputs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// Any bytes as a wal-index or the beginning of a database file, for `./dev fuzz wal-index`: what
/// is read, written out again from its fields, is the bytes that it was read from.
///
/// The first byte of the input says which of the two, and whether a wal-index's copies and checksum
/// are mended before.
public final class WalIndexFuzz {
    private static final int CHECKED = 40;
    private static final int COPY = 48;

    private WalIndexFuzz() {}

    /// What the fuzzer calls.
    public static void fuzzerTestOneInput(byte[] input) {
        isRead(input);
    }

    /// Whether the input was taken for what it should be.
    static boolean isRead(byte[] input) {
        if (input.length == 0) {
            return false;
        }
        byte[] bytes = Arrays.copyOfRange(input, 1, input.length);
        if ((input[0] & 2) != 0) {
            return isDatabase(bytes);
        }
        return bytes.length >= WalIndexHeader.BYTES
                && isWalIndex((input[0] & 1) != 0 ? sealed(bytes) : bytes);
    }

    private static byte[] sealed(byte[] bytes) {
        byte[] index = bytes.clone();
        ByteBuffer out = ByteBuffer.wrap(index).order(ByteOrder.nativeOrder());
        new WordSums(ByteOrder.nativeOrder()).add(index, 0, CHECKED).writeTo(out, CHECKED);
        out.put(COPY, index, 0, COPY);
        return index;
    }

    private static boolean isWalIndex(byte[] bytes) {
        if (!(WalIndexHeader.readFrom(MemorySegment.ofArray(bytes))
                instanceof WalIndexStep.Header(WalIndexHeader header))) {
            return false;
        }
        byte[] again = bytes.clone();
        ByteBuffer out = ByteBuffer.wrap(again).order(ByteOrder.nativeOrder());
        out.putInt(0, 3007000).putInt(8, header.changeCounter());
        out.putShort(14, (short) (header.pageSize() == 65_536 ? 1 : header.pageSize()));
        out.putInt(16, (int) header.maxFrame()).putInt(20, (int) header.databasePages());
        out.putInt(24, header.frameChecksum1()).putInt(28, header.frameChecksum2());
        out.putInt(96, (int) header.backfilled()).putInt(128, (int) header.backfillAttempted());
        out.order(ByteOrder.BIG_ENDIAN).putInt(32, header.salt1()).putInt(36, header.salt2());
        assertThat(header.bigEndianChecksums()).isEqualTo(again[13] != 0);
        assertThat(again[12]).isNotZero();
        assertThat(sealed(again)).isEqualTo(bytes);
        assertThat(header.end().frame()).isEqualTo(header.maxFrame());
        return true;
    }

    private static boolean isDatabase(byte[] bytes) {
        if (!(DatabaseHeader.readFrom(MemorySegment.ofArray(bytes))
                instanceof DatabaseHeaderStep.Valid(DatabaseHeader header))) {
            return false;
        }
        byte[] again = bytes.clone();
        ByteBuffer out =
                ByteBuffer.wrap(again)
                        .put(0, "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII));
        out.putShort(16, (short) (header.pageSize() == 65_536 ? 1 : header.pageSize()));
        out.put(18, (byte) header.writeVersion()).put(19, (byte) header.readVersion());
        out.put(20, (byte) header.reservedBytes()).putInt(24, header.changeCounter());
        out.putInt(28, (int) header.databasePages()).putInt(56, header.textEncoding());
        out.putInt(92, header.versionValidFor()).putInt(96, header.sqliteVersion());
        assertThat(again).isEqualTo(bytes);
        assertThat(header.journalMode()).isEqualTo(JournalMode.of(header.readVersion()));
        return true;
    }

    /// Writes the seeds into a folder: files of SQLite's. Leaves what it needed for it there too.
    public static void main(String[] folder) throws IOException {
        Path temporary = Files.createTempDirectory(Path.of(folder[0]), "scratch");
        try (SqliteWriter writer = SqliteWriter.inWalMode(temporary, 65_536)) {
            writer.sql("SELECT count(*) FROM sqlite_schema");
            write(folder[0], "untouched", 0, writer.copy().shm(), WalIndexHeader.BYTES);
            writer.sql("CREATE TABLE t(x)");
            write(folder[0], "committed", 1, writer.copy().shm(), WalIndexHeader.BYTES);
            writer.sql("PRAGMA wal_checkpoint");
            write(folder[0], "database", 2, writer.copy().database(), DatabaseHeader.BYTES);
        }
    }

    private static void write(String folder, String name, int mode, Path file, int count)
            throws IOException {
        FuzzInputs.writeSeed(folder, name, mode, Arrays.copyOf(Files.readAllBytes(file), count));
    }
}
