package dev.holdfast.storage.archive;

import dev.holdfast.format.PageGroup;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.codec.BodyDecompressor;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// The records of one body, each held against the rules of `docs/format.md`, section 2.3, before it
/// is told of.
final class RecordParser {
    private final BodyInput body;
    private final BodyDecompressor decompressor;
    private final SegmentHeader segment;
    private final String object;
    private final long at;
    private final PageGroup group;

    RecordParser(BodyInput body, SegmentHeader segment, String object, long at) {
        this.body = body;
        this.decompressor = body.decompressor(segment);
        this.group = body.group();
        this.segment = segment;
        this.object = object;
        this.at = at;
    }

    /// All records; `visitor` is told of those from `fromTx` to `toTx`.
    void parse(RecordVisitor visitor, long fromTx, long toTx) throws IOException, FormatException {
        long lastMicros = -1;
        long databasePages = 0;
        for (int i = 0; i < segment.recordCount(); i++) {
            long tx = segment.firstTx() + i;
            RecordHeader record =
                    RecordHeader.readFrom(
                            body.take(RecordHeader.BYTES, decompressor).asByteBuffer(), object, at);
            check(record, i, lastMicros);
            lastMicros = record.micros();
            databasePages = record.databasePages();
            boolean isWanted = tx >= fromTx && tx <= toTx;
            record(tx, record, isWanted ? visitor : RecordVisitor.NONE);
        }
        body.end(decompressor);
        require(
                lastMicros == segment.lastMicros(),
                "time of the last record",
                lastMicros,
                segment.lastMicros());
        require(
                databasePages == segment.databasePages(),
                "database pages after the last record",
                databasePages,
                segment.databasePages());
    }

    private void check(RecordHeader record, int index, long lastMicros) throws FormatException {
        require(
                record.rebase().isPresent() == (segment.kind() == SegmentHeader.Kind.REBASE),
                "kind of record",
                record.rebase().isPresent() ? "base" : "commit",
                "as the segment's flags say");
        if (index == 0) {
            require(
                    record.micros() == segment.firstMicros(),
                    "time of the first record",
                    record.micros(),
                    segment.firstMicros());
        } else {
            require(
                    record.micros() > lastMicros,
                    "time of a record",
                    record.micros(),
                    "later than " + lastMicros);
        }
    }

    private void record(long tx, RecordHeader record, RecordVisitor visitor)
            throws IOException, FormatException {
        visitor.begin(tx, record);
        int most = PageGroup.mostPages(segment.pageSize());
        long last = 0;
        group.beginRecord();
        for (int left = record.pageCount(); left > 0; left -= group.count()) {
            int count = Math.min(left, most);
            group.readFrom(body.take(PageGroup.columnBytes(count), decompressor), count);
            last = pages(tx, record, last, visitor);
        }
        visitor.end(tx, record);
    }

    /// The pages of the group at hand.
    ///
    /// @param before number of the page in front of them, 0 if there is none
    /// @return number of the last one
    private long pages(long tx, RecordHeader record, long before, RecordVisitor visitor)
            throws IOException, FormatException {
        int restBytes = segment.pageSize().bytes() - PageGroup.FIRST_WORD_BYTES;
        long last = before;
        for (int i = 0; i < group.count(); i++) {
            long number = group.number(i);
            checkPageNumber(tx, record, number, last);
            last = number;
            MemorySegment image = body.takeBehindFirstWord(restBytes, decompressor);
            group.putFirstWord(i, image);
            visitor.page(number, image);
        }
        return last;
    }

    private void checkPageNumber(long tx, RecordHeader record, long number, long before)
            throws FormatException {
        long lockPage = segment.pageSize().lockPage();
        if (number <= before || number > record.databasePages() || number == lockPage) {
            throw bad(
                    "page number in transaction " + tx,
                    number,
                    "above "
                            + before
                            + ", at most "
                            + record.databasePages()
                            + ", and not "
                            + lockPage);
        }
    }

    private void require(boolean holds, String field, Object found, Object wanted)
            throws FormatException {
        if (!holds) {
            throw bad(field, found, wanted);
        }
    }

    private FormatException bad(String field, Object found, Object wanted) {
        return new FormatException.BadField(object, at, field, found.toString(), wanted.toString());
    }
}
