package dev.holdfast.wal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

class WalChecksumTest {
    private static final long SEED = Long.getLong("seed", 20261121);

    @Test
    void theSumIsTheOneOfTheFileFormat() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            byte[] bytes = new byte[8 * random.nextInt(1, 600)];
            random.nextBytes(bytes);
            long sum1 = 1;
            long sum2 = 2;
            ByteBuffer words = ByteBuffer.wrap(bytes).order(order);
            while (words.hasRemaining()) {
                sum1 = (sum1 + words.getInt() + sum2) & 0xffff_ffffL;
                sum2 = (sum2 + words.getInt() + sum1) & 0xffff_ffffL;
            }
            MemorySegment in = MemorySegment.ofArray(bytes);
            boolean bigEndian = order == ByteOrder.BIG_ENDIAN;
            assertThat(WalChecksum.update(WalChecksum.of(1, 2), in, 0, bytes.length, bigEndian))
                    .as("seed %d, %s", SEED, order)
                    .isEqualTo(sum1 << 32 | sum2);
        }
    }

    @Test
    void aPairOfFieldsIsSummedAsTheBytesOfTheFileAre() {
        byte[] fields = {1, 2, 3, 4, 5, 6, 7, 8};
        MemorySegment in = MemorySegment.ofArray(fields);
        for (boolean bigEndian : new boolean[] {false, true}) {
            assertThat(WalChecksum.update(99, 0x01020304, 0x05060708, bigEndian))
                    .isEqualTo(WalChecksum.update(99, in, 0, 8, bigEndian));
        }
    }
}
