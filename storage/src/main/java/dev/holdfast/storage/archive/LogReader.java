package dev.holdfast.storage.archive;

import dev.holdfast.format.Digest;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.seal.WrappedKey;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Optional;

/// Walks over the log from one segment to its end, object by object, by [Archive#log]. Owned by one
/// thread.
///
/// As [SegmentReader], and what concerns several objects: that each begins with the segment of its
/// name, and that none is missing.
///
/// Objects that it comes to soon are fetched meanwhile ([LogReadAhead]).
public final class LogReader implements AutoCloseable {
    private final Archive archive;
    private final long fromSeq;
    private final Objects objects;
    private final SegmentReader reader;
    private @Nullable LogReadAhead ahead;
    private @Nullable LogObject object;
    private boolean isAtObjectStart;
    private long lastSeq;

    /// Of the segment at hand, and then the one before.
    private @Nullable LogObject lastObject;

    private long lastOffset;
    private boolean isLastProven;

    /// How its objects are found.
    sealed interface Objects {
        /// They are listed.
        ///
        /// @param lastSeq those behind its object are not read
        record Listed(long lastSeq, LogReadAhead.Reach ahead) implements Objects {}

        /// Each is asked for by its name, which follows from the one before.
        record Named() implements Objects {}
    }

    LogReader(Archive archive, long fromSeq, Objects objects) {
        this.archive = archive;
        this.fromSeq = fromSeq;
        this.objects = objects;
        this.reader = new SegmentReader(archive.info(), archive.keys());
    }

    /// Header of the next segment; empty at the log's end. A segment that was not taken is skipped.
    public Optional<SegmentHeader> next() throws IOException, FormatException {
        while (true) {
            Optional<SegmentHeader> header = object == null ? Optional.empty() : nextHere();
            if (header.isPresent()) {
                checkName(header.get());
                lastSeq = header.get().seq();
                lastObject = object;
                lastOffset = reader.offset();
                isLastProven = false;
                if (lastSeq >= fromSeq) {
                    return header;
                }
                reader.skip();
            } else if (!openNext()) {
                return Optional.empty();
            }
        }
    }

    private Optional<SegmentHeader> nextHere() throws IOException, FormatException {
        try {
            return reader.next();
        } catch (FormatException.DigestMismatch | FormatException.BadField e) {
            prove();
            throw e;
        }
    }

    /// Checks the digest of the segment that is at hand, or else of the one that was taken last, if
    /// it was only passed over. To be called when something else disagrees with it: which of the
    /// two is damaged decides what an error names.
    public void prove() throws IOException, FormatException {
        if (lastObject == null || isLastProven) {
            return;
        }
        try (SegmentReader last = new SegmentReader(archive.info())) {
            last.open(SegmentSource.of(archive.store(), lastObject), lastOffset);
            if (last.next().isPresent()) {
                last.verify();
            }
        }
    }

    private void checkName(SegmentHeader header) throws FormatException {
        if (isAtObjectStart && header.seq() != object().firstSeq()) {
            throw new FormatException.BadField(
                    object().name(),
                    0,
                    "seq of the first segment",
                    String.valueOf(header.seq()),
                    "that of the name");
        }
        isAtObjectStart = false;
    }

    private boolean openNext() throws IOException, FormatException {
        Optional<LogObject> next = nextObject();
        if (next.isEmpty()) {
            return false;
        }
        checkFollows(next.get());
        object = next.get();
        isAtObjectStart = true;
        reader.open(
                ahead == null ? SegmentSource.of(archive.store(), object) : ahead.source(object),
                0);
        return true;
    }

    private Optional<LogObject> nextObject() throws IOException {
        return switch (objects) {
            case Objects.Named() -> archive.logObject(object == null ? fromSeq : lastSeq + 1);
            case Objects.Listed(long toSeq, LogReadAhead.Reach reach) -> {
                if (ahead == null) {
                    ahead = LogReadAhead.of(archive, fromSeq, toSeq, reach);
                }
                yield ahead.next();
            }
        };
    }

    private void checkFollows(LogObject next) throws FormatException {
        if (next.bytes() == 0) {
            throw new FormatException.Truncated(
                    next.name(), 0, "the object", 0, SegmentHeader.BYTES);
        }
        boolean isFirst = object == null;
        long wanted = isFirst ? fromSeq : lastSeq + 1;
        if (next.firstSeq() > wanted) {
            throw new FormatException.MissingObject(
                    ObjectNames.log(wanted), "the log goes on with " + next.name());
        }
        if (!isFirst && next.firstSeq() < wanted) {
            throw new FormatException.BadField(
                    next.name(),
                    0,
                    "seq of the name",
                    String.valueOf(next.firstSeq()),
                    String.valueOf(wanted));
        }
    }

    /// As [SegmentReader#decode(RecordVisitor, long, long)].
    public void decode(RecordVisitor visitor, long fromTx, long toTx)
            throws IOException, FormatException {
        reader.decode(visitor, fromTx, toTx);
        isLastProven = true;
    }

    /// As [SegmentReader#decode(RecordVisitor)].
    public void decode(RecordVisitor visitor) throws IOException, FormatException {
        reader.decode(visitor);
        isLastProven = true;
    }

    /// As [SegmentReader#canDecode].
    public boolean canDecode() {
        return reader.canDecode();
    }

    /// As [SegmentReader#dataKey].
    public Optional<WrappedKey> dataKey() throws IOException, FormatException {
        return reader.dataKey();
    }

    /// As [SegmentReader#verify].
    public void verify() throws IOException, FormatException {
        reader.verify();
        isLastProven = true;
    }

    /// As [SegmentReader#skip].
    public void skip() throws IOException, FormatException {
        reader.skip();
    }

    /// Digest of the segment that was taken last.
    public Digest digest() {
        return reader.digest();
    }

    /// The object in which the segment at hand lies.
    public LogObject object() {
        if (object == null) {
            throw new IllegalStateException("nothing was read");
        }
        return object;
    }

    /// Offset in its object of the segment at hand.
    public long offset() {
        return reader.offset();
    }

    @Override
    public void close() {
        reader.close();
        if (ahead != null) {
            ahead.close();
        }
    }
}
