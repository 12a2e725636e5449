package dev.holdfast.storage.archive;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Codec;
import dev.holdfast.format.Digest;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageHash;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.SnapshotHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.seal.Sealing;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// A small archive, written into a store by the real writers, that remembers what the database was
/// after each transaction.
///
/// The database is made of pages that are much alike, not of SQLite's. All that is random comes
/// from the seed. Segments become an object by [#ship].
///
/// ```
/// TestArchive archive = new TestArchive(store, seed, new PageSize(512), Codec.ZSTD);
/// archive.rebase(RebaseReason.FIRST, 20);
/// archive.snapshot();
/// archive.commits(3);
/// archive.ship();
/// archive.database(archive.lastTx());
/// ```
public final class TestArchive implements AutoCloseable {
    private static final long BEGIN_MICROS = 1_760_000_000_000_000L;
    private static final int WINDOW_LOG2 = 17;
    private static final int PAGES_PER_BLOCK = 4;

    private final ObjectStore store;
    private final SplittableRandom random;
    private final PageSize pageSize;
    private final ArchiveInfo info;
    private final FileChannel spool;
    private final List<byte[]> databases = new ArrayList<>();
    private final List<SealedSegment> segments = new ArrayList<>();
    private final List<RecordHeader> records = new ArrayList<>();
    private Codec codec;
    private Sealing sealing = new Sealing(List.of());
    private WriterId writerId;
    private SegmentWriter writer;
    private Digest last;
    private byte[] database = {};
    private PageMap pages;
    private long micros = BEGIN_MICROS;
    private long spoolEnd;
    private int shippedSegments;
    private boolean isResetWanted;
    private long replayFrom;
    private byte[] copy = {};

    /// Writes archive.json.
    public TestArchive(ObjectStore store, long seed, PageSize pageSize, Codec codec)
            throws IOException {
        this.store = store;
        this.random = new SplittableRandom(seed);
        this.pageSize = pageSize;
        this.codec = codec;
        this.info = info(random);
        this.writerId = new WriterId(random.nextLong());
        this.writer = newWriter();
        this.last = info.digest();
        this.pages = new PageMap(pageSize);
        Path file = Files.createTempFile("archive", ".spool");
        this.spool =
                FileChannel.open(
                        file,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE);
        requireCreated(Archive.create(store, info));
    }

    private SegmentWriter newWriter() {
        return new SegmentWriter(info.id(), writerId, codec, WINDOW_LOG2, sealing.current());
    }

    /// Of an archive that is made with this seed.
    static ArchiveInfo info(long seed) {
        return info(new SplittableRandom(seed));
    }

    private static ArchiveInfo info(SplittableRandom random) {
        return new ArchiveInfo(new ArchiveId(random.nextLong(), random.nextLong()), BEGIN_MICROS);
    }

    /// What comes next is encrypted, with the data key that this has now.
    public void seal(Sealing sealing) {
        this.sealing = sealing;
        writer.close();
        writer = newWriter();
    }

    /// An archive with everything in it: two histories, several writers, exact and moving
    /// snapshots, objects of several segments.
    public static TestArchive ofEverything(
            ObjectStore store, long seed, PageSize pageSize, Codec codec) throws IOException {
        return ofEverything(store, seed, pageSize, codec, new Sealing(List.of()));
    }

    /// The same, encrypted, with another data key from its third snapshot on.
    public static TestArchive ofEverything(
            ObjectStore store, long seed, PageSize pageSize, Codec codec, Sealing sealing)
            throws IOException {
        TestArchive archive = new TestArchive(store, seed, pageSize, codec);
        archive.seal(sealing);
        archive.rebase(RebaseReason.FIRST, 20);
        archive.snapshot();
        archive.commits(3);
        archive.ship();
        archive.commits(1);
        archive.commits(5);
        archive.ship();
        archive.beginSnapshot();
        archive.commits(2);
        archive.commits(2);
        archive.endSnapshot();
        archive.commits(1);
        archive.ship();
        archive.claim();
        archive.commits(4);
        archive.ship();
        sealing.renew();
        archive.seal(sealing);
        archive.rebase(RebaseReason.CONTINUITY_LOST, 30);
        archive.snapshot();
        archive.commits(6);
        archive.ship();
        return archive;
    }

    /// Appends a segment with a base: the database is now another one, of `pageCount` pages.
    public void rebase(RebaseReason reason, int pageCount) throws IOException {
        database = new byte[0];
        pages = new PageMap(pageSize);
        resize(pageCount);
        writer.begin(
                SegmentStart.rebase(pageSize, lastSeq() + 1, last, lastTx() + 1), spool, spoolEnd);
        record(
                new RecordHeader(
                        Optional.of(reason),
                        0,
                        pageCount,
                        tick(),
                        OptionalLong.of(pages.checksum())));
        seal();
    }

    /// Appends a segment of random commits.
    public void commits(int count) throws IOException {
        boolean isReset = isResetWanted || writer.needsReset();
        isResetWanted = false;
        writer.begin(
                SegmentStart.commits(isReset, pageSize, lastSeq() + 1, last, lastTx() + 1),
                spool,
                spoolEnd);
        for (int i = 0; i < count; i++) {
            commit();
        }
        seal();
    }

    /// Appends a claim of another writer, who writes from here on.
    public void claim() throws IOException {
        claim(codec);
    }

    /// Appends a claim of another writer, who writes from here on, with a codec of its own.
    public void claim(Codec codec) throws IOException {
        this.codec = codec;
        writerId = new WriterId(random.nextLong());
        writer.close();
        writer = newWriter();
        long now = tick();
        SegmentHeader header =
                new SegmentHeader(
                        SegmentHeader.Kind.CLAIM,
                        false,
                        sealing.current().isPresent(),
                        codec,
                        pageSize,
                        info.id(),
                        lastSeq() + 1,
                        last,
                        writerId,
                        lastTx() + 1,
                        0,
                        codec == Codec.ZSTD ? WINDOW_LOG2 : 0,
                        now,
                        now,
                        0,
                        0,
                        0);
        ByteBuffer segment = ByteBuffer.allocate(SegmentHeader.BYTES + Digest.BYTES);
        header.writeTo(segment);
        Digest digest = Digest.of(segment.slice(0, SegmentHeader.BYTES));
        digest.writeTo(segment, SegmentHeader.BYTES);
        while (segment.hasRemaining()) {
            spool.write(segment, spoolEnd + segment.position());
        }
        sealed(new SealedSegment(header, digest, spoolEnd));
    }

    /// The next segment of commits is a reset.
    public void reset() {
        isResetWanted = true;
    }

    private void commit() throws IOException {
        TreeMap<Integer, byte[]> changed = new TreeMap<>();
        int before = pageCount();
        int after = random.nextInt(10) < 7 ? before : Math.max(1, before + random.nextInt(-3, 5));
        resize(after);
        for (int page = before + 1; page <= after; page++) {
            changed.put(page, page(page));
        }
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            int page = random.nextInt(1, after + 1);
            change(page);
            changed.put(page, page(page));
        }
        record(
                new RecordHeader(
                        Optional.empty(),
                        changed.size(),
                        after,
                        tick(),
                        OptionalLong.of(pages.checksum())));
        for (Map.Entry<Integer, byte[]> page : changed.entrySet()) {
            writer.page(page.getKey(), MemorySegment.ofArray(page.getValue()));
        }
    }

    private void record(RecordHeader header) throws IOException {
        writer.record(header);
        records.add(header);
        databases.add(database.clone());
    }

    private void seal() throws IOException {
        sealed(writer.seal());
    }

    private void sealed(SealedSegment segment) {
        segments.add(segment);
        last = segment.digest();
        spoolEnd = segment.end();
    }

    private long tick() {
        micros += random.nextLong(1, 5_000_000);
        return micros;
    }

    private void resize(int pageCount) {
        int before = pageCount();
        database = Arrays.copyOf(database, pageCount * pageSize.bytes());
        for (int page = before + 1; page <= pageCount; page++) {
            fill(page);
        }
        pages.resize(pageCount);
    }

    /// A page as new: text that other pages have too, and a few bytes of its own.
    private void fill(int page) {
        int from = (page - 1) * pageSize.bytes();
        for (int i = 0; i < pageSize.bytes(); i++) {
            database[from + i] = (byte) ('a' + (i * 7 + i / 13) % 23);
        }
        change(page);
    }

    private void change(int page) {
        int from = (page - 1) * pageSize.bytes();
        for (int i = random.nextInt(4, 40); i > 0; i--) {
            database[from + random.nextInt(pageSize.bytes())] = (byte) random.nextInt();
        }
        pages.set(page, PageHash.of(MemorySegment.ofArray(database), from, pageSize.bytes(), page));
    }

    private byte[] page(int page) {
        return Arrays.copyOfRange(database, (page - 1) * pageSize.bytes(), page * pageSize.bytes());
    }

    private int pageCount() {
        return database.length / pageSize.bytes();
    }

    /// Stores the segments since the last call as one log object.
    public void ship() throws IOException {
        SealedSegment first = segments.get(shippedSegments);
        ObjectBody body = ObjectBody.of(spool, first.offset(), spoolEnd - first.offset());
        requireCreated(store.create(ObjectNames.log(first.header().seq()), body));
        shippedSegments = segments.size();
    }

    /// Stores a snapshot of the database as it is, that needs no log.
    public void snapshot() throws IOException {
        copy = database.clone();
        replayFrom = lastSeq() + 1;
        writeSnapshot();
        isResetWanted = true;
    }

    /// Begins a copy of the database while it moves: what is committed until [#endSnapshot] may or
    /// may not be in it.
    public void beginSnapshot() {
        copy = database.clone();
        replayFrom = lastSeq() + 1;
        isResetWanted = true;
    }

    /// Stores the snapshot that was begun; the pages that were committed meanwhile are torn in it.
    public void endSnapshot() throws IOException {
        int bytes = pageSize.bytes();
        for (int page = 1; page <= copy.length / bytes; page++) {
            byte[] now = page <= pageCount() ? page(page) : new byte[bytes];
            if (!Arrays.equals(now, Arrays.copyOfRange(copy, (page - 1) * bytes, page * bytes))) {
                System.arraycopy(now, 0, copy, (page - 1) * bytes, bytes / 2);
                copy[page * bytes - 1] = (byte) random.nextInt();
            }
        }
        writeSnapshot();
    }

    private void writeSnapshot() throws IOException {
        SnapshotHeader header =
                new SnapshotHeader(
                        codec,
                        pageSize,
                        info.id(),
                        writerId,
                        replayFrom,
                        micros,
                        PAGES_PER_BLOCK,
                        sealing.current().isPresent());
        try (ObjectUpload upload = store.upload(ObjectNames.snapshot(replayFrom));
                SnapshotWriter snapshot =
                        new SnapshotWriter(upload, header, Runnable::run, 2, sealing.current())) {
            for (int at = 0; at < copy.length; at += header.blockBytes()) {
                int count = Math.min(header.blockBytes(), copy.length - at);
                MemorySegment.copy(MemorySegment.ofArray(copy), at, snapshot.block(), 0, count);
                snapshot.add(count / pageSize.bytes());
            }
            requireCreated(
                    snapshot.commit(
                            new SnapshotPoint(
                                    lastSeq(),
                                    last,
                                    lastTx(),
                                    record(lastTx()).micros(),
                                    pageCount(),
                                    pages.checksum())));
        }
    }

    private static void requireCreated(CreateOutcome outcome) {
        if (!(outcome instanceof CreateOutcome.Created)) {
            throw new IllegalStateException("a test archive needs an empty store: " + outcome);
        }
    }

    /// What archive.json says.
    public ArchiveInfo info() {
        return info;
    }

    /// Number of the last transaction; 0 at the beginning.
    public long lastTx() {
        return records.size();
    }

    /// Number of the last segment; 0 at the beginning.
    public long lastSeq() {
        return segments.size();
    }

    /// The database file after a transaction.
    public byte[] database(long tx) {
        return databases.get((int) tx - 1).clone();
    }

    /// A transaction's record.
    public RecordHeader record(long tx) {
        return records.get((int) tx - 1);
    }

    /// A segment's header.
    public SegmentHeader segment(long seq) {
        return segments.get((int) seq - 1).header();
    }

    /// A segment's digest.
    public Digest digest(long seq) {
        return segments.get((int) seq - 1).digest();
    }

    @Override
    public void close() throws IOException {
        writer.close();
        spool.close();
    }
}
