package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.Codec;
import dev.holdfast.format.Digest;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.DeleteOutcome;
import dev.holdfast.storage.ForwardingStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.LimitedDisk;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ReadOutcome;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.OpenOutcome;
import dev.holdfast.storage.archive.TestArchive;
import dev.holdfast.storage.state.LogPoint;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

final class SnapshotAgeTest {
    private static final PageSize PAGE_SIZE = new PageSize(512);

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private TestArchive archive;
    private Spool spool;

    @TempDir Path folder;

    /// A base of three pages, and two commits in two segments.
    @BeforeEach
    void begin() throws IOException {
        archive = new TestArchive(store, 5, PAGE_SIZE, Codec.ZSTD);
        spool = Spool.open(folder.resolve("spool"));
        archive.rebase(RebaseReason.FIRST, 3);
        archive.commits(1);
        archive.commits(1);
        archive.ship();
    }

    @AfterEach
    void close() throws IOException {
        archive.close();
        spool.close();
    }

    private LogPoint end() {
        long seq = archive.lastSeq();
        return new LogPoint(
                seq,
                archive.digest(seq),
                archive.lastTx(),
                archive.record(archive.lastTx()).micros());
    }

    private Archive opened() throws IOException, FormatException {
        return opened(store);
    }

    private static Archive opened(ObjectStore in) throws IOException, FormatException {
        if (Archive.open(in) instanceof OpenOutcome.Found(Archive found)) {
            return found;
        }
        throw new AssertionError("no archive");
    }

    private Optional<SnapshotAge> find() throws IOException, FormatException {
        return SnapshotAge.find(opened(), end(), spool);
    }

    private long rawBytesFrom(long seq) {
        long bytes = 0;
        for (long at = seq; at <= archive.lastSeq(); at++) {
            bytes += archive.segment(at).rawLength();
        }
        return bytes;
    }

    private LogWriter log() {
        return log(spool);
    }

    private LogWriter log(Spool into) {
        return new LogWriter(
                archive.info().id(),
                new WriterId(9),
                Codec.ZSTD,
                Timekeeper.system(),
                into,
                end(),
                SourcePosition.NOWHERE,
                () -> {},
                _ -> {});
    }

    @Test
    void withoutASnapshotThereIsNone() throws Exception {
        assertThat(find()).isEmpty();
    }

    @Test
    void whatTheLogHoldsAfterTheNewestSnapshotIsCounted() throws Exception {
        archive.snapshot();
        archive.commits(2);
        archive.ship();
        archive.snapshot();
        long at = archive.lastSeq();
        assertThat(find().orElseThrow().logBytes()).isZero();
        archive.commits(3);
        archive.commits(1);
        archive.ship();
        archive.commits(1);
        archive.ship();
        long began = opened().snapshot(at + 1).header().beganMicros();
        assertThat(find()).contains(new SnapshotAge(began, rawBytesFrom(at + 1), 3));
    }

    @Test
    void ofACopyThatMovedWhatItsPointHoldsIsNotCounted() throws Exception {
        archive.beginSnapshot();
        archive.commits(2);
        archive.commits(1);
        archive.endSnapshot();
        long at = archive.lastSeq();
        archive.commits(1);
        archive.ship();
        assertThat(find())
                .hasValueSatisfying(age -> {
                    assertThat(age.segments()).isEqualTo(1);
                    assertThat(age.logBytes()).isEqualTo(rawBytesFrom(at + 1));
                });
    }

    @Test
    void aSnapshotOfAnEndedHistoryIsNone() throws Exception {
        archive.snapshot();
        archive.commits(1);
        archive.rebase(RebaseReason.CONTINUITY_LOST, 4);
        archive.commits(1);
        archive.ship();
        assertThat(find()).isEmpty();
        archive.snapshot();
        assertThat(find()).isPresent();
    }

    @Test
    void whatWaitsInTheSpoolIsCountedOnce() throws Exception {
        archive.snapshot();
        long before = archive.lastSeq();
        SegmentHeader last = archive.segment(before);
        Digest digest = archive.digest(before);
        for (int i = 0; i < 3; i++) {
            SpoolEntry claim = TestSpool.addClaim(spool, last, digest, SourcePosition.NOWHERE);
            last = claim.header();
            digest = claim.digest();
        }
        assertThat(find().orElseThrow().segments()).isEqualTo(3);
        SpoolEntry first = spool.entry(before + 1).orElseThrow();
        assertThat(
                        store.create(
                                ObjectNames.log(first.seq()),
                                ObjectBody.of(
                                        first.file().channel(),
                                        first.offset(),
                                        first.header().storedLength())))
                .isInstanceOf(CreateOutcome.Created.class);
        assertThat(find().orElseThrow().segments()).isEqualTo(3);
    }

    @Test
    void aHistoryThatEndedInTheSpoolHasNone() throws Exception {
        archive.snapshot();
        try (LogWriter log = log()) {
            log.rebase(
                    RebaseReason.CONTINUITY_LOST,
                    PAGE_SIZE,
                    3,
                    SourcePosition.NOWHERE,
                    Optional.empty());
        }
        assertThat(find()).isEmpty();
    }

    /// The shipper goes on meanwhile.
    @Test
    void aHistoryThatEndedInWhatIsGivenBackDuringTheLookHasNone() throws Exception {
        archive.snapshot();
        Path files = folder.resolve("small");
        try (Spool small = Spool.open(files, new LimitedDisk(), TestSpool.FILE_BYTES)) {
            rebaseAndClaims(small);
            AtomicBoolean isShipped = new AtomicBoolean();
            ObjectStore shippedTo =
                    new ForwardingStore(store) {
                        @Override
                        public ListPage list(String prefix, @Nullable String after, int limit)
                                throws IOException {
                            ListPage page = super.list(prefix, after, limit);
                            if (prefix.equals(ObjectNames.LOG)
                                    && isShipped.compareAndSet(false, true)) {
                                shipAll(small);
                            }
                            return page;
                        }
                    };
            Archive opened = opened(shippedTo);
            assertThat(SnapshotAge.find(opened, end(), small)).isEmpty();
            // And in a look that begins after it
            shipAll(small);
            assertThat(small.first().orElseThrow().header().kind())
                    .isEqualTo(SegmentHeader.Kind.CLAIM);
            assertThat(SnapshotAge.find(opened, end(), small)).isEmpty();
        }
    }

    private void rebaseAndClaims(Spool into) throws IOException {
        try (LogWriter log = log(into)) {
            log.rebase(
                    RebaseReason.CONTINUITY_LOST,
                    PAGE_SIZE,
                    3,
                    SourcePosition.NOWHERE,
                    Optional.empty());
        }
        for (int i = 0; i < 8; i++) {
            SpoolEntry last = into.last().orElseThrow();
            SpoolEntry _ =
                    TestSpool.addClaim(into, last.header(), last.digest(), SourcePosition.NOWHERE);
        }
    }

    private void shipAll(Spool from) throws IOException {
        for (SpoolEntry entry : from.from(1)) {
            CreateOutcome _ =
                    store.create(
                            ObjectNames.log(entry.seq()),
                            ObjectBody.of(
                                    entry.file().channel(),
                                    entry.offset(),
                                    entry.header().storedLength()));
        }
        from.removeThrough(from.last().orElseThrow().seq());
    }

    @Test
    void aSnapshotThatCannotBeReadIsNone() throws Exception {
        archive.snapshot();
        String name = ObjectNames.snapshot(archive.lastSeq() + 1);
        ByteBuffer whole = ByteBuffer.allocate(1 << 20);
        assertThat(store.read(name, 0, whole)).isInstanceOf(ReadOutcome.Read.class);
        int length = whole.flip().remaining();
        for (int damaged : new int[] {10, length - 100}) {
            ByteBuffer bytes = ByteBuffer.allocate(length).put(0, whole, 0, length);
            bytes.put(damaged, (byte) ~bytes.get(damaged));
            assertThat(store.delete(name)).isInstanceOf(DeleteOutcome.Deleted.class);
            assertThat(store.create(name, ObjectBody.of(bytes)))
                    .isInstanceOf(CreateOutcome.Created.class);
            assertThat(find()).as("byte %d of %d", damaged, length).isEmpty();
        }
    }

    @Test
    void aLogThatCannotBeReadFromItsSnapshotOnHasNone() throws Exception {
        archive.snapshot();
        archive.commits(1);
        archive.ship();
        String lost = ObjectNames.log(archive.lastSeq());
        archive.commits(1);
        archive.ship();
        assertThat(find()).isPresent();
        assertThat(store.delete(lost)).isInstanceOf(DeleteOutcome.Deleted.class);
        assertThat(find()).isEmpty();
    }
}
