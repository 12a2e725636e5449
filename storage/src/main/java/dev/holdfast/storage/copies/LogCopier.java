package dev.holdfast.storage.copies;

import dev.holdfast.format.Digest;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogObject;
import dev.holdfast.storage.archive.LogReadAhead;
import dev.holdfast.storage.archive.SegmentReader;
import dev.holdfast.storage.archive.SegmentSource;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Optional;

/// Copies the log from one segment on, object by object. Segments and chain stay what they are,
/// where objects end does not: small ones become few large ones. Owned by one thread; after an
/// exception it can only be closed.
public final class LogCopier implements AutoCloseable {
    /// Bounds what one failed upload costs; a single segment may be larger.
    private static final long MOST_BYTES = 32 << 20;

    private final Archive from;
    private final ObjectStore to;
    private final SegmentReader reader;
    private @Nullable LogReadAhead ahead;

    /// Where segment `nextSeq` begins; null at the log's end.
    private @Nullable LogObject object;

    private long offset;

    /// Behind it, as listed.
    private Optional<LogObject> follower = Optional.empty();

    private final long lastSeq;
    private long nextSeq;
    private Digest previous;

    /// Of a stretch of the log.
    ///
    /// @param firstSeq of the first segment to be copied
    /// @param lastSeq of the last one, if the log goes so far
    /// @param previous digest of the one before the first, in the copy
    public LogCopier(Archive from, ObjectStore to, long firstSeq, long lastSeq, Digest previous) {
        this.from = from;
        this.to = to;
        this.nextSeq = firstSeq;
        this.lastSeq = lastSeq;
        this.previous = previous;
        this.reader = new SegmentReader(from.info());
    }

    /// Copies segments into one more object, as many as it may hold.
    ///
    /// @throws FormatException if what would be copied is damaged, or missing
    /// @throws SidecarException.CorruptArchive if it does not follow what the copy has, or what is
    ///   there under its name is damaged
    public Copied copy() throws IOException, FormatException {
        if (ahead == null) {
            open();
        }
        if (object == null || nextSeq > lastSeq) {
            return new Copied.Nothing();
        }
        long firstSeq = nextSeq;
        Digest before = previous;
        String name = ObjectNames.log(firstSeq);
        try (ObjectUpload upload = to.upload(name)) {
            long bytes = 0;
            do {
                bytes += copyPiece(upload);
            } while (object != null && nextSeq <= lastSeq && bytes + object.bytes() <= MOST_BYTES);
            if (upload.commit() instanceof CreateOutcome.Created) {
                return new Copied.Stored(name, bytes);
            }
        }
        TakenObject.requireLog(to, from.info(), firstSeq, before);
        return new Copied.Taken(name);
    }

    /// Finds where segment `nextSeq` begins.
    private void open() throws IOException, FormatException {
        // With the one behind it, which tells whether the last is copied whole
        LogReadAhead objects = from.readAhead(nextSeq, Math.min(lastSeq, Long.MAX_VALUE - 1) + 1);
        ahead = objects;
        follower = objects.next();
        advance();
        LogObject first = object;
        if (first == null || first.firstSeq() >= nextSeq) {
            requireNext();
            return;
        }
        offset = offsetBehind(first, 0, nextSeq - 1);
        if (offset == first.bytes()) {
            advance();
            requireNext();
        }
    }

    private void advance() throws IOException {
        object = follower.orElse(null);
        offset = 0;
        follower = object == null || ahead == null ? Optional.empty() : ahead.next();
    }

    private void requireNext() throws FormatException {
        if (object != null && object.firstSeq() != nextSeq) {
            throw new FormatException.MissingObject(
                    ObjectNames.log(nextSeq), "the log goes on with " + object.name());
        }
    }

    /// Of what lies behind segment `seq`, or the object's end if that does not come to it.
    private long offsetBehind(LogObject in, long start, long seq)
            throws IOException, FormatException {
        try (SegmentReader headers = new SegmentReader(from.info())) {
            headers.open(SegmentSource.of(from.store(), in), start);
            for (Optional<SegmentHeader> next = headers.next();
                    next.isPresent();
                    next = headers.next()) {
                if (next.get().seq() > seq) {
                    return headers.offset();
                }
                headers.skip();
            }
            return in.bytes();
        }
    }

    /// What is left of the object at hand, up to `lastSeq`; then the next object is.
    private long copyPiece(ObjectUpload upload) throws IOException, FormatException {
        LogObject here = object;
        if (here == null || ahead == null) {
            throw new IllegalStateException("the log has ended");
        }
        boolean isWhole =
                lastSeq == Long.MAX_VALUE
                        || follower.filter(it -> it.firstSeq() <= lastSeq + 1).isPresent();
        long end = isWhole ? here.bytes() : offsetBehind(here, offset, lastSeq);
        long begin = offset;
        reader.open(new TeeSource(ahead.source(here), begin, end, upload), begin);
        for (Optional<SegmentHeader> next = reader.next(); next.isPresent(); next = reader.next()) {
            check(next.get(), here);
            reader.verify();
            previous = reader.digest();
            nextSeq++;
        }
        advance();
        if (end == here.bytes()) {
            requireNext();
        }
        return end - begin;
    }

    private void check(SegmentHeader segment, LogObject in) throws FormatException {
        if (segment.seq() != nextSeq) {
            throw new FormatException.BadField(
                    in.name(),
                    reader.offset(),
                    "seq",
                    String.valueOf(segment.seq()),
                    String.valueOf(nextSeq));
        }
        if (!segment.previous().equals(previous)) {
            throw new SidecarException.CorruptArchive(
                    "%s and %s hold different logs: found digest %s of segment %d in the first, wanted %s, which the second has"
                            .formatted(
                                    to.location(),
                                    from.store().location(),
                                    previous,
                                    segment.seq() - 1,
                                    segment.previous()),
                    "Another writer has been at one of them: give the copy another place.");
        }
    }

    /// The segment that was copied last, or the one before the first.
    public long lastSeq() {
        return nextSeq - 1;
    }

    /// Digest of [#lastSeq].
    public Digest lastDigest() {
        return previous;
    }

    @Override
    public void close() {
        reader.close();
        if (ahead != null) {
            ahead.close();
        }
    }
}
