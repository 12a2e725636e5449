package dev.holdfast.storage.archive;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ReadOutcome;
import dev.holdfast.storage.seal.KeyRing;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// One archive in its store: who it is, and where its objects are. Keeps nothing but archive.json;
/// may be used by several threads.
public final class Archive {
    /// Objects that are read on through by their names.
    static final int MOST_READ_ON = 1_000;

    private final ObjectStore store;
    private final ArchiveInfo info;
    private final KeyRing keys;

    private Archive(ObjectStore store, ArchiveInfo info, KeyRing keys) {
        this.store = store;
        this.info = info;
        this.keys = keys;
    }

    /// The same archive for a reader who can open what is encrypted.
    public Archive with(KeyRing keys) {
        return new Archive(store, info, keys);
    }

    /// What opens what is encrypted.
    public KeyRing keys() {
        return keys;
    }

    /// Reads archive.json. The store stays the caller's to close.
    ///
    /// @throws FormatException also if there is a log but no archive.json
    public static OpenOutcome open(ObjectStore store) throws IOException, FormatException {
        Optional<Archive> found = look(store);
        if (found.isEmpty()) {
            Optional<LogObject> first = LogListing.from(store, 1).next();
            if (first.isPresent()) {
                // Another writer may have made both meanwhile
                found = Optional.of(look(store).orElseThrow(() -> headless(first.get())));
            }
        }
        return found.<OpenOutcome>map(OpenOutcome.Found::new).orElseGet(OpenOutcome.Absent::new);
    }

    private static Optional<Archive> look(ObjectStore store) throws IOException, FormatException {
        ByteBuffer bytes = ByteBuffer.allocate(ArchiveInfo.MAX_BYTES + 1);
        return switch (store.read(ObjectNames.ARCHIVE_INFO, 0, bytes)) {
            case ReadOutcome.Read _ -> {
                byte[] stored = Arrays.copyOf(bytes.array(), bytes.position());
                yield Optional.of(new Archive(store, ArchiveInfo.parse(stored), KeyRing.EMPTY));
            }
            case ReadOutcome.NotFound _ -> Optional.empty();
        };
    }

    private static FormatException headless(LogObject first) {
        return new FormatException.MissingObject(
                ObjectNames.ARCHIVE_INFO, "there is a log, " + first.name());
    }

    /// A copy of an archive that another copy tells about: its own archive.json can't be read.
    public static Archive of(ObjectStore store, ArchiveInfo info) {
        return new Archive(store, info, KeyRing.EMPTY);
    }

    /// Makes an archive where none is.
    ///
    /// @return what is there then, which may be another archive
    /// @throws IOException also if the store has it neither before nor afterwards
    public static Archive openOrCreate(ObjectStore store, ArchiveInfo info)
            throws IOException, FormatException {
        if (open(store) instanceof OpenOutcome.Found(Archive found)) {
            return found;
        }
        CreateOutcome _ = create(store, info);
        if (open(store) instanceof OpenOutcome.Found(Archive made)) {
            return made;
        }
        throw new IOException(
                ObjectNames.ARCHIVE_INFO
                        + " was created in "
                        + store.location()
                        + " and is not there");
    }

    /// Writes archive.json. If it is there already, [#open] tells whose it is.
    public static CreateOutcome create(ObjectStore store, ArchiveInfo info) throws IOException {
        return store.create(
                ObjectNames.ARCHIVE_INFO, ObjectBody.of(ByteBuffer.wrap(info.toBytes())));
    }

    /// Where the objects are.
    public ObjectStore store() {
        return store;
    }

    /// Who this archive is.
    public ArchiveInfo info() {
        return info;
    }

    /// `replayFrom` of all snapshots, newest first, by their names.
    public List<Long> snapshots() throws IOException {
        List<Long> seqs = new ArrayList<>();
        @Nullable String last = null;
        ListPage page;
        do {
            page = store.list(ObjectNames.SNAPSHOTS, last, LogListing.PAGE);
            for (ListPage.Entry entry : page.entries()) {
                last = entry.name();
                ObjectNames.snapshotSeq(entry.name()).ifPresent(seqs::add);
            }
        } while (page.isTruncated());
        return seqs.reversed();
    }

    /// Opens the snapshot whose copy began in front of that segment, and checks all but its blocks.
    public SnapshotReader snapshot(long replayFrom) throws IOException, FormatException {
        return SnapshotReader.open(store, replayFrom, info.id(), keys);
    }

    /// The log object that begins with segment `firstSeq`, if there is one.
    Optional<LogObject> logObject(long firstSeq) throws IOException {
        return switch (store.read(ObjectNames.log(firstSeq), 0, ByteBuffer.allocate(1))) {
            case ReadOutcome.Read(int _, long objectBytes) ->
                    Optional.of(new LogObject(firstSeq, objectBytes));
            case ReadOutcome.NotFound _ -> Optional.empty();
        };
    }

    /// The log's objects from the one that holds segment `fromSeq` on, or if that is not there,
    /// from the last one before it, or from the first one.
    public LogListing logObjects(long fromSeq) throws IOException {
        return LogListing.from(store, fromSeq);
    }

    /// Reads the log from segment `fromSeq` on. If the log ends before it, there is nothing to
    /// read; if the log goes on but this segment is missing, reading says so.
    public LogReader log(long fromSeq) {
        return new LogReader(
                this,
                fromSeq,
                new LogReader.Objects.Listed(Long.MAX_VALUE, LogReadAhead.Reach.BEGINNINGS));
    }

    /// The same for who decodes all bodies of a stretch.
    ///
    /// @param lastSeq the reader's end is that of the object that holds it
    public LogReader bodies(long fromSeq, long lastSeq) {
        return new LogReader(
                this, fromSeq, new LogReader.Objects.Listed(lastSeq, LogReadAhead.Reach.BODIES));
    }

    /// The objects that hold the segments from `fromSeq` to `lastSeq`, for who reads all of them.
    public LogReadAhead readAhead(long fromSeq, long lastSeq) throws IOException {
        return LogReadAhead.of(this, fromSeq, lastSeq, LogReadAhead.Reach.BODIES);
    }

    /// Segment `seq`, with its digest as it is written there; empty if the log ends before it.
    public Optional<LogSegment> segment(long seq) throws IOException, FormatException {
        try (LogReader reader = log(seq)) {
            Optional<SegmentHeader> header = reader.next();
            if (header.isEmpty()) {
                return Optional.empty();
            }
            reader.skip();
            return Optional.of(new LogSegment(header.get(), reader.digest()));
        }
    }

    /// Holds all bytes of a log object against the digests that are in it.
    public void prove(LogObject object) throws IOException, FormatException {
        try (SegmentReader reader = new SegmentReader(info)) {
            reader.open(SegmentSource.of(store, object), 0);
            while (reader.next().isPresent()) {
                reader.verify();
            }
        }
    }

    /// The last segment, or empty if there is none. Reads headers only.
    ///
    /// @param knownSeq a segment that is known to be there, so that the listing is short; 1 if none
    ///   is
    public Optional<LogEnd> end(long knownSeq) throws IOException, FormatException {
        LogListing listing = logObjects(knownSeq);
        Optional<LogObject> last = listing.next();
        for (Optional<LogObject> next = last; next.isPresent(); next = listing.next()) {
            last = next;
        }
        return last.isEmpty() ? Optional.empty() : Optional.of(endFrom(last.get().firstSeq()));
    }

    /// The last segment, read on from the object that begins with segment `firstSeq`. A writer who
    /// is at work meanwhile is caught up with: a name costs a request, whatever the archive's size,
    /// and a listing of a large folder takes longer than it takes to store an object there. Against
    /// one who stores as fast as this reads it ends after a while, short of the end: with the last
    /// segment of an object all the same, so that the name of the next is the one behind it.
    public LogEnd endFrom(long firstSeq) throws IOException, FormatException {
        try (LogReader reader = new LogReader(this, firstSeq, new LogReader.Objects.Named())) {
            @Nullable LogEnd end = null;
            int objects = 0;
            for (Optional<SegmentHeader> next = reader.next();
                    next.isPresent();
                    next = reader.next()) {
                boolean isNextObject = reader.offset() == 0;
                if (isNextObject && objects++ == MOST_READ_ON) {
                    break;
                }
                reader.skip();
                end = new LogEnd(next.get(), reader.digest(), reader.object());
            }
            if (end == null) {
                throw new FormatException.MissingObject(
                        ObjectNames.log(firstSeq), "it was there a moment ago");
            }
            return end;
        }
    }
}
