package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.PageHash;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.SplittableRandom;

final class CopyWatchTest {
    private static final PageSize PAGE_SIZE = new PageSize(512);

    private final long seed = Long.getLong("seed", System.nanoTime());

    private static PageMap map(PageSize pageSize, long... hashes) {
        PageMap map = new PageMap(pageSize);
        for (int i = 0; i < hashes.length; i++) {
            map.set(i + 1, hashes[i]);
        }
        map.resize(hashes.length);
        return map;
    }

    private static void assertSame(PageMap found, PageMap wanted) {
        assertThat(found.pageCount()).isEqualTo(wanted.pageCount());
        for (long page = 1; page <= wanted.pageCount(); page++) {
            assertThat(found.get(page)).as("page %d", page).isEqualTo(wanted.get(page));
        }
        assertThat(found.checksum()).isEqualTo(wanted.checksum());
    }

    @Test
    void whatWasNotChangedIsAsCopiedAndWhatWasIsAsTheLogHasIt() {
        CopyWatch watch = new CopyWatch(PAGE_SIZE);
        watch.changed(2, 20);
        watch.changed(2, 21);
        assertSame(watch.over(map(PAGE_SIZE, 1, 2, 3), PAGE_SIZE, 3), map(PAGE_SIZE, 1, 21, 3));
    }

    @Test
    void pagesThatTheDatabaseNoLongerHasAreLeftOut() {
        CopyWatch watch = new CopyWatch(PAGE_SIZE);
        watch.changed(3, 0);
        assertSame(watch.over(map(PAGE_SIZE, 1, 2, 3), PAGE_SIZE, 2), map(PAGE_SIZE, 1, 2));
    }

    @Test
    void aPageThatWentAndCameBackUnwrittenIsZerosWhateverTheCopyHas() {
        CopyWatch watch = new CopyWatch(PAGE_SIZE);
        watch.changed(2, 0);
        assertSame(
                watch.over(map(PAGE_SIZE, 1, 2, 3), PAGE_SIZE, 3),
                map(PAGE_SIZE, 1, PageHash.ofZeros(PAGE_SIZE, 2), 3));
    }

    @Test
    void aPagePastTheCopysEndThatNobodyWroteIsZeros() {
        CopyWatch watch = new CopyWatch(PAGE_SIZE);
        watch.changed(4, 40);
        assertSame(
                watch.over(map(PAGE_SIZE, 1, 2), PAGE_SIZE, 4),
                map(PAGE_SIZE, 1, 2, PageHash.ofZeros(PAGE_SIZE, 3), 40));
    }

    @Test
    void theLockPageCountsAsNothing() {
        PageSize large = new PageSize(65_536);
        int lockPage = (int) large.lockPage();
        PageMap copied = new PageMap(large);
        for (int page = 1; page <= lockPage + 5; page++) {
            if (page != lockPage) {
                copied.set(page, page);
            }
        }
        copied.resize(lockPage + 5);
        CopyWatch watch = new CopyWatch(large);
        watch.changed(lockPage + 1, 7);
        PageMap over = watch.over(copied, large, lockPage + 5);
        copied.set(lockPage + 1, 7);
        assertSame(over, copied);
        assertThat(over.get(lockPage)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {Integer.MAX_VALUE + 1L, 4_294_967_294L})
    void aPageTooFarToWatchIsRefusedAndNotTakenForAnother(long page) {
        CopyWatch watch = new CopyWatch(PAGE_SIZE);
        assertThatThrownBy(() -> watch.changed(page, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(String.valueOf(page));
        assertSame(watch.over(map(PAGE_SIZE, 1), PAGE_SIZE, 1), map(PAGE_SIZE, 1));
    }

    /// A copy that reads page after page of a database that changes in between.
    @Test
    void theMapOverACopyThatMovedIsThatOfTheDatabaseAtItsEnd() {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 500; round++) {
            PageMap database = new PageMap(PAGE_SIZE);
            int filePages = random.nextInt(1, 60);
            database.resize(filePages);
            for (int page = 1; page <= filePages; page++) {
                database.set(page, random.nextLong() | 1);
            }
            CopyWatch watch = new CopyWatch(PAGE_SIZE);
            PageMap copied = new PageMap(PAGE_SIZE);
            for (int page = 1; page <= filePages; page++) {
                if (random.nextInt(4) == 0) {
                    change(database, watch, random);
                }
                // Torn, if it was changed; anything may be there, past the database's end too
                boolean isAsItWas = page <= database.pageCount() && random.nextInt(9) > 0;
                copied.set(page, isAsItWas ? database.get(page) : tear(watch, page, database));
            }
            copied.resize(filePages);
            change(database, watch, random);
            PageMap over = watch.over(copied, PAGE_SIZE, database.pageCount());
            assertThat(over.checksum()).as("seed %d", seed).isEqualTo(database.checksum());
            assertSame(over, database);
        }
    }

    /// A page can only be torn if somebody wrote it meanwhile.
    private static long tear(CopyWatch watch, int page, PageMap database) {
        long hash = page <= database.pageCount() ? database.get(page) : 0;
        watch.changed(page, hash);
        return 4711;
    }

    private static void change(PageMap database, CopyWatch watch, SplittableRandom random) {
        long before = database.pageCount();
        long after = Math.max(1, before + random.nextInt(-8, 9));
        for (long page = after + 1; page <= before; page++) {
            watch.changed(page, 0);
        }
        for (int i = random.nextInt(5); i > 0; i--) {
            long page = random.nextLong(1, after + 1);
            long hash = random.nextLong() | 1;
            database.set(page, hash);
            watch.changed(page, hash);
        }
        database.resize(after);
        for (long page = before + 1; page <= after; page++) {
            watch.changed(page, database.get(page));
        }
    }
}
