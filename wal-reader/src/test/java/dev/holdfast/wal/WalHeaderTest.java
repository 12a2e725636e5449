package dev.holdfast.wal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

class WalHeaderTest {
    /// Written by SQLite 3.40.1 on a little-endian host.
    private static final byte[] GOLDEN =
            HexFormat.of()
                    .parseHex("377f0682002de218000010000000000098ad96d9bbd4318cae7db0abf2975d0b");

    @Test
    void theHeaderThatSqliteWroteIsRead() {
        assertThat(read(GOLDEN))
                .isEqualTo(
                        new WalHeaderStep.Valid(
                                new WalHeader(
                                        false,
                                        4096,
                                        0,
                                        0x98ad96d9,
                                        0xbbd4318c,
                                        0xae7db0ab,
                                        0xf2975d0b)));
    }

    @Test
    void wordsOfEitherByteOrderAreSummed() {
        WalBytes bytes = new WalBytes(65536, ByteOrder.BIG_ENDIAN, 1, 2);
        assertThat(read(bytes.bytes()))
                .isInstanceOfSatisfying(
                        WalHeaderStep.Valid.class,
                        valid -> {
                            assertThat(valid.header().bigEndianChecksums()).isTrue();
                            assertThat(valid.header().pageSize()).isEqualTo(65536);
                            assertThat(valid.header().checkpointSequence()).isEqualTo(7);
                        });
    }

    @Test
    void anyFlippedBitIsRejected() {
        for (int bit = 0; bit < 8 * WalHeader.BYTES; bit++) {
            byte[] flipped = GOLDEN.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(read(flipped)).as("bit %d", bit).isNotInstanceOf(WalHeaderStep.Valid.class);
        }
    }

    @Test
    void aHeaderCutOffAnywhereIsTornOrEmpty() {
        assertThat(read(new byte[0])).isEqualTo(new WalHeaderStep.Empty());
        for (int length = 1; length < WalHeader.BYTES; length++) {
            assertThat(read(Arrays.copyOf(GOLDEN, length))).isEqualTo(new WalHeaderStep.Torn());
        }
    }

    @Test
    void anotherMagicIsForeign() {
        byte[] zeros = new byte[WalHeader.BYTES];
        assertThat(read(zeros)).isEqualTo(new WalHeaderStep.Foreign(0));
    }

    @Test
    void aVersionOrPageSizeThatSqliteDoesNotWriteIsUnsupportedThoughItsChecksumIsRight() {
        assertThat(read(summed(3007001, 4096)))
                .isEqualTo(new WalHeaderStep.Unsupported(3007001, 4096));
        for (int pageSize : new int[] {0, 1, 256, 1000, 131072, -4096, Integer.MIN_VALUE}) {
            assertThat(read(summed(3007000, pageSize)))
                    .isEqualTo(new WalHeaderStep.Unsupported(3007000, pageSize));
        }
    }

    private static byte[] summed(int version, int pageSize) {
        ByteBuffer header = ByteBuffer.allocate(WalHeader.BYTES).putInt(0x377f0682);
        header.putInt(version).putInt(pageSize);
        long sum1 = 0;
        long sum2 = 0;
        for (int at = 0; at < 24; at += 8) {
            sum1 = (sum1 + Integer.reverseBytes(header.getInt(at)) + sum2) & 0xffff_ffffL;
            sum2 = (sum2 + Integer.reverseBytes(header.getInt(at + 4)) + sum1) & 0xffff_ffffL;
        }
        return header.putInt(24, (int) sum1).putInt(28, (int) sum2).array();
    }

    private static WalHeaderStep read(byte[] bytes) {
        MemorySegment in = MemorySegment.ofArray(bytes);
        return WalHeader.readFrom(in.asSlice(0, Math.min(bytes.length, WalHeader.BYTES)));
    }
}
