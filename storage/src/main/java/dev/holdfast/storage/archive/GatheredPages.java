package dev.holdfast.storage.archive;

import dev.holdfast.format.PageGroup;
import dev.holdfast.format.PageSize;
import dev.holdfast.storage.codec.BodyCompressor;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Pages of the record that is being written, until they are a whole group: a group's columns come
/// before its images (`docs/format.md`, section 2.3).
final class GatheredPages {
    private final PageGroup group = new PageGroup();
    private final MemorySegment columns;

    /// The images without their first words, one behind the other.
    private final MemorySegment images;

    private long imageBytes;

    GatheredPages(Arena arena) {
        columns = arena.allocate(PageGroup.MAX_COLUMN_BYTES);
        images = arena.allocate(PageGroup.MAX_IMAGE_BYTES);
    }

    /// Gives up what was gathered, if anything, and begins a record.
    void beginRecord() {
        group.beginRecord();
        imageBytes = 0;
    }

    void add(long pageNumber, MemorySegment image) {
        group.add(pageNumber, image);
        long count = image.byteSize() - PageGroup.FIRST_WORD_BYTES;
        MemorySegment.copy(image, PageGroup.FIRST_WORD_BYTES, images, imageBytes, count);
        imageBytes += count;
    }

    boolean isFull(PageSize pageSize) {
        return group.count() == PageGroup.mostPages(pageSize);
    }

    /// Compresses the group, and begins the next.
    void writeTo(BodyCompressor compressor, BodyCompressor.Sink out) throws IOException {
        MemorySegment used = columns.asSlice(0, PageGroup.columnBytes(group.count()));
        group.writeTo(used);
        compressor.write(used, out);
        compressor.write(images.asSlice(0, imageBytes), out);
        imageBytes = 0;
    }
}
