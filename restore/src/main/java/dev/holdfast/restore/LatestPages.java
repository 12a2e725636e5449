package dev.holdfast.restore;

import dev.holdfast.format.PageSize;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The pages that the log changes, on their way to the file: applications write the same pages
/// again and again, and only the last image of each has to be written.
///
/// Kept until there is no more room or until [#flush], then written in the order of the file, those
/// that follow each other at once. Owned by one thread.
final class LatestPages implements RecordApplier.Sink, AutoCloseable {
    private static final int ROOM_BYTES = 32 << 20;

    /// Of a part of the room, and of what is written at once. Whole pages of every size.
    private static final int RUN_BYTES = 1 << 20;

    /// The database file.
    interface Target {
        /// Writes the images of consecutive pages.
        void write(MemorySegment images, long offset) throws IOException;

        void resize(long bytes) throws IOException;
    }

    private final PageSize pageSize;
    private final Target target;
    private final Arena arena = Arena.ofConfined();

    /// Part by part, as it is needed: most logs change few pages.
    private final List<MemorySegment> room = new ArrayList<>();

    private final MemorySegment run = arena.allocate(RUN_BYTES);

    /// Where in the room a page's image begins.
    private final Map<Long, Long> places = new HashMap<>();

    private long used;

    LatestPages(PageSize pageSize, Target target) {
        this.pageSize = pageSize;
        this.target = target;
    }

    @Override
    public void page(long number, MemorySegment image) throws IOException {
        Long place = places.get(number);
        if (place == null) {
            if (used == ROOM_BYTES) {
                flush();
            }
            if (used == (long) room.size() * RUN_BYTES) {
                room.add(arena.allocate(RUN_BYTES));
            }
            place = used;
            used += pageSize.bytes();
            places.put(number, place);
        }
        MemorySegment.copy(image, 0, part(place), place % RUN_BYTES, pageSize.bytes());
    }

    private MemorySegment part(long place) {
        return room.get((int) (place / RUN_BYTES));
    }

    /// What was cut off comes back as zeros, should the database grow again.
    @Override
    public void resize(long pages) throws IOException {
        places.keySet().removeIf(number -> number > pages);
        target.resize(pages * pageSize.bytes());
    }

    /// Writes all that is kept.
    void flush() throws IOException {
        long[] numbers = places.keySet().stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(numbers);
        long gathered = 0;
        for (int i = 0; i < numbers.length; i++) {
            long place = Objects.requireNonNull(places.get(numbers[i]));
            MemorySegment.copy(part(place), place % RUN_BYTES, run, gathered, pageSize.bytes());
            gathered += pageSize.bytes();
            boolean isFollowed = i + 1 < numbers.length && numbers[i + 1] == numbers[i] + 1;
            if (!isFollowed || gathered == run.byteSize()) {
                long end = pageSize.offsetOf(numbers[i]) + pageSize.bytes();
                target.write(run.asSlice(0, gathered), end - gathered);
                gathered = 0;
            }
        }
        places.clear();
        used = 0;
    }

    @Override
    public void close() {
        arena.close();
    }
}
