package dev.holdfast.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

class PageMapTest {
    private final PageMap map = new PageMap(new PageSize(4096));

    @Test
    void anEmptyDatabaseHasNoPagesAndTheChecksum0() {
        assertThat(map.pageCount()).isZero();
        assertThat(map.checksum()).isZero();
        assertThat(map.get(1)).isZero();
    }

    @Test
    void theChecksumIsTheXorOfAllPagesAndNewOnesThatWereNotSetAreZeros() {
        PageSize pageSize = new PageSize(512);
        PageMap pages = new PageMap(pageSize);
        TreeMap<Long, Long> expected = new TreeMap<>();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 200; i++) {
            long size = random.nextLong(65_000, 66_500);
            for (int count = random.nextInt(50); count > 0; count--) {
                long page = random.nextLong(1, size + 100);
                long hash = random.nextLong();
                pages.set(page, hash);
                expected.put(page, hash);
                assertThat(pages.get(page)).isEqualTo(hash);
            }
            for (long page = pages.pageCount() + 1; page <= size; page++) {
                expected.putIfAbsent(page, PageHash.ofZeros(pageSize, page));
            }
            expected.tailMap(size, false).clear();
            pages.resize(size);
            assertThat(pages.pageCount()).isEqualTo(size);
            assertThat(pages.checksum()).isEqualTo(xor(expected));
        }
        pages.resize(0);
        assertThat(pages.checksum()).isZero();
    }

    private static long xor(Map<Long, Long> hashes) {
        long xor = 0;
        for (long hash : hashes.values()) {
            xor ^= hash;
        }
        return xor;
    }

    @Test
    void pagesPastTheEndAreForgottenEvenIfTheDatabaseNeverHadThem() {
        map.set(3, 7);
        map.resize(2);
        assertThat(map.get(3)).isZero();
        map.resize(3);
        assertThat(map.get(3)).isEqualTo(PageHash.ofZeros(new PageSize(4096), 3));
    }

    @Test
    void theLockPageAndPagesOutsideHaveNoHash() {
        for (long page : new long[] {0, -1, 262_145, RecordHeader.MAX_DATABASE_PAGES + 1}) {
            assertThatThrownBy(() -> map.set(page, 1)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void theLockPageHoldsTheByteAtOneGibibyte() {
        assertThat(new PageSize(4096).lockPage()).isEqualTo(262_145);
        assertThat(new PageSize(512).lockPage()).isEqualTo(2_097_153);
        assertThat(new PageSize(65_536).lockPage()).isEqualTo(16_385);
    }
}
