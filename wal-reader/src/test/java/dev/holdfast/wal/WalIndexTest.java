package dev.holdfast.wal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

class WalIndexTest {
    private static final int CHECKED_COPIES = 96;

    @TempDir private Path folder;

    @Test
    void everyFieldIsReadFromItsPlace() throws IOException {
        assertThat(read(golden(3007000, 4096)))
                .isEqualTo(
                        new WalIndexStep.Header(
                                new WalIndexHeader(
                                        77,
                                        true,
                                        4096,
                                        5,
                                        9,
                                        0x11,
                                        0x22,
                                        0x01020304,
                                        0x05060708,
                                        3,
                                        4)));
    }

    @Test
    void aPageSizeOf65536IsWrittenAsOne() throws IOException {
        assertThat(read(golden(3007000, 1)))
                .isInstanceOfSatisfying(
                        WalIndexStep.Header.class,
                        step -> assertThat(step.header().pageSize()).isEqualTo(65536));
    }

    @Test
    void anyFlippedBitOfTheCopiesIsNotBelieved() throws IOException {
        byte[] golden = golden(3007000, 4096);
        for (int bit = 0; bit < 8 * CHECKED_COPIES; bit++) {
            byte[] flipped = golden.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(read(flipped)).as("bit %d", bit).isEqualTo(new WalIndexStep.Torn());
        }
    }

    @Test
    void anyBitFlippedInBothCopiesIsNotBelieved() throws IOException {
        byte[] golden = golden(3007000, 4096);
        for (int bit = 0; bit < 8 * 48; bit++) {
            byte[] flipped = golden.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            flipped[48 + bit / 8] ^= (byte) (1 << bit % 8);
            WalIndexStep step = read(flipped);
            assertThat(step).as("bit %d", bit).isNotInstanceOf(WalIndexStep.Header.class);
        }
    }

    @Test
    void aFileThatIsTooShortOrZeroIsUninitialized() throws IOException {
        byte[] golden = golden(3007000, 4096);
        for (int length = 0; length < WalIndexHeader.BYTES; length++) {
            assertThat(read(Arrays.copyOf(golden, length)))
                    .isEqualTo(new WalIndexStep.Uninitialized());
        }
        assertThat(read(new byte[32768])).isEqualTo(new WalIndexStep.Uninitialized());
    }

    @Test
    void anotherVersionOrPageSizeIsUnsupported() throws IOException {
        assertThat(read(golden(3007001, 4096)))
                .isEqualTo(new WalIndexStep.Unsupported(3007001, 4096));
        assertThat(read(golden(3007000, 1000)))
                .isEqualTo(new WalIndexStep.Unsupported(3007000, 1000));
        assertThat(read(golden(3007000, 0))).isEqualTo(new WalIndexStep.Unsupported(3007000, 0));
    }

    @Test
    void theWalIndexOfADatabaseThatWasOnlyOpenedHasNoFrame() throws IOException {
        try (SqliteWriter writer = SqliteWriter.inWalMode(folder, 4096)) {
            writer.sql("SELECT * FROM sqlite_schema");
            SqliteFiles files = writer.copy();
            WalIndexHeader oracle = files.oracle();
            assertThat(oracle.maxFrame()).isZero();
            assertThat(oracle.isBackfilled()).isTrue();
            try (WalFile wal = WalFile.open(files.wal())) {
                assertThat(wal.header()).isEqualTo(new WalHeaderStep.Empty());
                assertThat(wal.start(oracle)).isEmpty();
            }
        }
    }

    /// Both copies, in native byte order but for the salts, written without the code under test.
    private static byte[] golden(int version, int pageSizeField) {
        ByteBuffer shm = ByteBuffer.allocate(WalIndexHeader.BYTES).order(ByteOrder.nativeOrder());
        shm.putInt(version).putInt(0).putInt(77).put((byte) 1).put((byte) 1);
        shm.putShort((short) pageSizeField).putInt(5).putInt(9).putInt(0x11).putInt(0x22);
        shm.put(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        long sum1 = 0;
        long sum2 = 0;
        for (int at = 0; at < 40; at += 8) {
            sum1 = (sum1 + shm.getInt(at) + sum2) & 0xffff_ffffL;
            sum2 = (sum2 + shm.getInt(at + 4) + sum1) & 0xffff_ffffL;
        }
        shm.putInt((int) sum1).putInt((int) sum2);
        shm.put(48, shm.array(), 0, 48);
        return shm.putInt(96, 3).putInt(128, 4).array();
    }

    private WalIndexStep read(byte[] bytes) throws IOException {
        Path shm = Files.write(folder.resolve("shm"), bytes);
        try (FileChannel channel = FileChannel.open(shm)) {
            return new WalIndex(channel).read();
        }
    }
}
