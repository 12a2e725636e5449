package dev.holdfast.storage.archive;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.Codec;
import dev.holdfast.format.PageGroup;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.WriterId;

/// What a segment that is being written holds so far, for its header, and the rules for what may
/// come next. A breach is the caller's mistake, and nothing was written of it.
final class OpenSegment {
    private final SegmentStart start;
    private int recordCount;
    private long rawBytes;
    private long firstMicros;
    private long lastMicros;
    private long databasePages;
    private int pagesLeft;
    private long lastPage;

    OpenSegment(SegmentStart start) {
        this.start = start;
    }

    PageSize pageSize() {
        return start.pageSize();
    }

    /// Whether the last record has all its pages.
    boolean isRecordWhole() {
        return pagesLeft == 0;
    }

    int recordCount() {
        return recordCount;
    }

    long rawBytes() {
        return rawBytes;
    }

    void add(RecordHeader record) {
        require(pagesLeft == 0, "pages left", pagesLeft);
        boolean fits =
                switch (start.kind()) {
                    case CLAIM -> false;
                    case REBASE ->
                            record.rebase().isPresent()
                                    && recordCount == 0
                                    && record.pageCount() == 0;
                    case COMMITS ->
                            record.rebase().isEmpty() && recordCount < SegmentHeader.MAX_RECORDS;
                };
        require(fits, "record in a segment of kind " + start.kind(), record);
        require(recordCount == 0 || record.micros() > lastMicros, "time", record.micros());
        require(record.pageCount() <= record.databasePages(), "pages of a record", record);
        require(
                record.databasePages() <= RecordHeader.MAX_DATABASE_PAGES,
                "database pages",
                record);
        if (recordCount == 0) {
            firstMicros = record.micros();
        }
        lastMicros = record.micros();
        databasePages = record.databasePages();
        pagesLeft = record.pageCount();
        lastPage = 0;
        recordCount++;
        rawBytes += RecordHeader.BYTES;
    }

    void addPage(long pageNumber, long bytes) {
        require(pagesLeft > 0, "pages left", pagesLeft);
        require(bytes == start.pageSize().bytes(), "bytes of a page", bytes);
        require(
                pageNumber > lastPage
                        && pageNumber <= databasePages
                        && pageNumber != start.pageSize().lockPage(),
                "page number",
                pageNumber);
        lastPage = pageNumber;
        pagesLeft--;
        rawBytes += PageGroup.NUMBER_BYTES + bytes;
    }

    void requireWhole() {
        require(pagesLeft == 0, "pages left", pagesLeft);
        require(recordCount > 0, "records", recordCount);
    }

    SegmentHeader header(
            ArchiveId archive,
            WriterId writer,
            Codec codec,
            int windowLog2,
            boolean isSealed,
            long bodyLength) {
        return new SegmentHeader(
                start.kind(),
                start.isReset(),
                isSealed,
                codec,
                start.pageSize(),
                archive,
                start.seq(),
                start.previous(),
                writer,
                start.firstTx(),
                recordCount,
                windowLog2,
                firstMicros,
                lastMicros,
                rawBytes,
                bodyLength,
                databasePages);
    }

    private static void require(boolean holds, String what, Object found) {
        if (!holds) {
            throw new IllegalArgumentException(what + ": " + found);
        }
    }
}
