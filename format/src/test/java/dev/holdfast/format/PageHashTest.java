package dev.holdfast.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jpountz.xxhash.XXHash64;
import net.jpountz.xxhash.XXHashFactory;

import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

class PageHashTest {
    private final XXHash64 other = XXHashFactory.safeInstance().hash64();

    /// Computed by the reference implementation, xxHash 0.8.
    @Test
    void theValuesOfTheReferenceImplementationHold() {
        assertThat(hash(new byte[512], 1)).isEqualTo(0xe94b12c6ab2d7501L);
        assertThat(hash(counting(4096), 7)).isEqualTo(0x5dde2062dc249f13L);
        assertThat(hash(new byte[65_536], RecordHeader.MAX_DATABASE_PAGES))
                .isEqualTo(0x216def650efa5dc1L);
    }

    private static long hash(byte[] page, long pageNumber) {
        return PageHash.of(MemorySegment.ofArray(page), 0, page.length, pageNumber);
    }

    private static byte[] counting(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i % 251);
        }
        return bytes;
    }

    @Test
    void itIsXxh64WithThePageNumberAsSeed() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 1_000; i++) {
            int length = PageSize.MIN_BYTES << random.nextInt(8);
            int offset = random.nextInt(100);
            byte[] bytes = new byte[offset + length];
            random.nextBytes(bytes);
            long pageNumber = random.nextLong(1, RecordHeader.MAX_DATABASE_PAGES + 1);
            assertThat(PageHash.of(MemorySegment.ofArray(bytes), offset, length, pageNumber))
                    .isEqualTo(other.hash(bytes, offset, length, pageNumber));
        }
    }

    @Test
    void whatIsNotAPageIsNotHashed() {
        MemorySegment memory = MemorySegment.ofArray(new byte[100]);
        assertThatThrownBy(() -> PageHash.of(memory, 0, 100, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PageHash.of(memory, 0, 0, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
