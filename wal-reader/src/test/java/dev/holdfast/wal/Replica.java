package dev.holdfast.wal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// The pages of a database, brought forward by commits alone.
final class Replica {
    private final int pageSize;
    private byte[] pages;

    Replica(byte[] base, int pageSize) {
        this.pages = base.clone();
        this.pageSize = pageSize;
    }

    /// Checks on the way that the pages come as promised.
    void apply(WalCommit commit) throws IOException {
        pages = Arrays.copyOf(pages, Math.toIntExact(commit.databasePages() * pageSize));
        long[] previous = {0};
        int[] count = {0};
        commit.forEachPage((pageNumber, image) -> {
            assertThat(pageNumber)
                    .isGreaterThan(previous[0])
                    .isLessThanOrEqualTo(commit.databasePages());
            assertThat(image.byteSize()).isEqualTo(pageSize);
            assertThat(image.isReadOnly()).isTrue();
            previous[0] = pageNumber;
            count[0]++;
            int at = Math.toIntExact((pageNumber - 1) * pageSize);
            MemorySegment.ofArray(pages).asSlice(at, pageSize).copyFrom(image);
        });
        assertThat(commit.pageCount()).isEqualTo(count[0]);
    }

    byte[] pages() {
        return pages.clone();
    }
}
