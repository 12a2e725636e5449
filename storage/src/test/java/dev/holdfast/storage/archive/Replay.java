package dev.holdfast.storage.archive;

import dev.holdfast.format.PageSize;
import dev.holdfast.format.RecordHeader;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.BiConsumer;

/// A database in memory to which transactions are applied.
final class Replay implements RecordVisitor {
    private final PageSize pageSize;
    private final BiConsumer<Long, byte[]> afterEach;
    private byte[] database = {};

    Replay(PageSize pageSize, BiConsumer<Long, byte[]> afterEach) {
        this.pageSize = pageSize;
        this.afterEach = afterEach;
    }

    /// The database is now this one.
    void set(byte[] database) {
        this.database = database.clone();
    }

    byte[] database() {
        return database;
    }

    @Override
    public void page(long pageNumber, MemorySegment image) {
        int from = (int) pageSize.offsetOf(pageNumber);
        int bytes = pageSize.bytes();
        database = Arrays.copyOf(database, Math.max(database.length, from + bytes));
        MemorySegment.copy(image, ValueLayout.JAVA_BYTE, 0, database, from, bytes);
    }

    @Override
    public void end(long tx, RecordHeader header) {
        if (header.rebase().isEmpty()) {
            database = Arrays.copyOf(database, (int) header.databasePages() * pageSize.bytes());
        }
        afterEach.accept(tx, database);
    }
}
