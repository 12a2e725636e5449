package dev.holdfast.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.PageSize;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Pages on their way to the file.
final class LatestPagesTest {
    private static final PageSize PAGE = new PageSize(512);

    /// A file in memory that remembers how it was written.
    private static final class Memory implements LatestPages.Target {
        private byte[] bytes = {};
        private final List<Long> writes = new ArrayList<>();

        @Override
        public void write(MemorySegment images, long offset) {
            byte[] written = images.toArray(ValueLayout.JAVA_BYTE);
            int end = (int) offset + written.length;
            bytes = bytes.length < end ? Arrays.copyOf(bytes, end) : bytes;
            System.arraycopy(written, 0, bytes, (int) offset, written.length);
            writes.add((long) written.length);
        }

        @Override
        public void resize(long length) {
            bytes = Arrays.copyOf(bytes, (int) length);
        }
    }

    private static MemorySegment image(int fill) {
        byte[] image = new byte[PAGE.bytes()];
        Arrays.fill(image, (byte) fill);
        return MemorySegment.ofArray(image);
    }

    @Test
    void aPageThatChangesOftenIsWrittenOnceAndThoseThatFollowEachOtherAtOnce() throws IOException {
        Memory file = new Memory();
        try (LatestPages pages = new LatestPages(PAGE, file)) {
            for (int round = 1; round <= 100; round++) {
                for (long number : new long[] {3, 2, 7, 1}) {
                    pages.page(number, image(round));
                }
            }
            assertThat(file.writes).isEmpty();
            pages.flush();
        }
        assertThat(file.writes).containsExactly(3L * PAGE.bytes(), (long) PAGE.bytes());
        assertThat(file.bytes).startsWith((byte) 100).endsWith((byte) 100);
    }

    /// Against a file that is written at once; the seed is in the name of a failure.
    @Test
    void theFileIsWhatWritingEachPageAtOnceWouldHaveMadeIt() throws IOException {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        Memory delayed = new Memory();
        Memory direct = new Memory();
        int size = 0;
        try (LatestPages pages = new LatestPages(PAGE, delayed)) {
            // More pages than there is room for
            for (int step = 0; step < 400; step++) {
                size = 1 + random.nextInt(90_000);
                for (int i = random.nextInt(600); i > 0; i--) {
                    int number = 1 + random.nextInt(size);
                    MemorySegment image = image(random.nextInt());
                    pages.page(number, image);
                    direct.write(image, PAGE.offsetOf(number));
                }
                pages.resize(size);
                direct.resize((long) size * PAGE.bytes());
            }
            pages.flush();
        }
        assertThat(delayed.bytes).as("seed=" + seed).isEqualTo(direct.bytes);
        assertThat(delayed.writes.size()).isLessThan(direct.writes.size());
    }
}
