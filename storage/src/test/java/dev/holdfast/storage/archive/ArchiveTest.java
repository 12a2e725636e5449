package dev.holdfast.storage.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class ArchiveTest {
    private static final PageSize PAGE = new PageSize(512);

    private final ObjectStore store = new InMemoryObjectStore();

    @ParameterizedTest
    @CsvSource({
        "1,512,ZSTD",
        "2,512,LZ4",
        "3,4096,ZSTD",
        "4,65536,ZSTD",
        "5,65536,LZ4",
        "6,1024,ZSTD"
    })
    void everyTransactionComesBackAsItWas(long seed, int pageBytes, Codec codec) throws Exception {
        try (TestArchive written =
                TestArchive.ofEverything(store, seed, new PageSize(pageBytes), codec)) {
            Archive archive = open();
            List<Long> seen = new ArrayList<>();
            Replay replay =
                    new Replay(
                            new PageSize(pageBytes),
                            (tx, database) -> {
                                seen.add(tx);
                                assertThat(database).isEqualTo(written.database(tx));
                            });
            RecordVisitor withBases =
                    new RecordVisitor() {
                        @Override
                        public void begin(long tx, RecordHeader header) {
                            assertThat(header).isEqualTo(written.record(tx));
                            if (header.rebase().isPresent()) {
                                replay.set(written.database(tx));
                            }
                        }

                        @Override
                        public void page(long pageNumber, MemorySegment image) {
                            replay.page(pageNumber, image);
                        }

                        @Override
                        public void end(long tx, RecordHeader header) {
                            replay.end(tx, header);
                        }
                    };
            try (LogReader log = archive.log(1)) {
                long seq = 0;
                for (Optional<SegmentHeader> next = log.next();
                        next.isPresent();
                        next = log.next()) {
                    seq++;
                    assertThat(next.get()).isEqualTo(written.segment(seq));
                    log.decode(withBases);
                    assertThat(log.digest()).isEqualTo(written.digest(seq));
                }
                assertThat(seq).isEqualTo(written.lastSeq());
            }
            assertThat(seen).hasSize((int) written.lastTx()).isSorted();
        }
    }

    @ParameterizedTest
    @CsvSource({"1,512,ZSTD", "2,512,LZ4", "3,65536,ZSTD", "4,8192,LZ4"})
    void everySnapshotWithTheLogOverItIsTheDatabase(long seed, int pageBytes, Codec codec)
            throws Exception {
        PageSize pageSize = new PageSize(pageBytes);
        try (TestArchive written = TestArchive.ofEverything(store, seed, pageSize, codec)) {
            Archive archive = open();
            assertThat(archive.snapshots())
                    .hasSize(3)
                    .isSortedAccordingTo((a, b) -> Long.compare(b, a));
            for (long replayFrom : archive.snapshots()) {
                SnapshotReader snapshot = archive.snapshot(replayFrom);
                Replay replay = new Replay(pageSize, (tx, database) -> {});
                replay.set(read(snapshot));
                try (LogReader log = archive.log(replayFrom)) {
                    Optional<SegmentHeader> next = log.next();
                    while (next.isPresent()
                            && next.get().seq() <= snapshot.footer().consistentAt()) {
                        log.decode(replay);
                        next = log.next();
                    }
                }
                assertThat(replay.database()).isEqualTo(written.database(snapshot.footer().tx()));
                assertThat(snapshot.footer().segmentDigest())
                        .isEqualTo(written.digest(snapshot.footer().consistentAt()));
            }
        }
    }

    private static byte[] read(SnapshotReader snapshot) throws IOException, FormatException {
        int pageBytes = snapshot.header().pageSize().bytes();
        byte[] copy = new byte[(int) snapshot.footer().pagesCopied() * pageBytes];
        try (SnapshotReader.Blocks blocks = snapshot.blocks()) {
            for (int i = snapshot.blockCount() - 1; i >= 0; i--) {
                MemorySegment raw = blocks.read(i);
                int from = (int) (snapshot.firstPage(i) - 1) * pageBytes;
                assertThat(raw.byteSize()).isEqualTo(snapshot.rawBytes(i));
                MemorySegment.copy(raw, ValueLayout.JAVA_BYTE, 0, copy, from, snapshot.rawBytes(i));
            }
        }
        return copy;
    }

    @Test
    void aPlaceWithNothingInItIsAbsent() throws Exception {
        assertThat(Archive.open(store)).isEqualTo(new OpenOutcome.Absent());
    }

    @Test
    void aLogWithoutItsArchiveInfoIsRefused() throws Exception {
        try (TestArchive _ = TestArchive.ofEverything(store, 1, PAGE, Codec.ZSTD)) {
            store.delete(ObjectNames.ARCHIVE_INFO);
            assertThatThrownBy(() -> Archive.open(store))
                    .isInstanceOf(FormatException.MissingObject.class)
                    .hasMessageContaining("archive.json")
                    .hasMessageContaining("log/0000000000000001.seg");
        }
    }

    @Test
    void theEndIsFoundFromAnySegmentThatIsKnown() throws Exception {
        try (TestArchive written = TestArchive.ofEverything(store, 1, PAGE, Codec.ZSTD)) {
            Archive archive = open();
            for (long known = 1; known <= written.lastSeq(); known++) {
                LogEnd end = archive.end(known).orElseThrow();
                assertThat(end.last()).isEqualTo(written.segment(written.lastSeq()));
                assertThat(end.digest()).isEqualTo(written.digest(written.lastSeq()));
            }
        }
    }

    @Test
    void anEndThatIsFarAwayIsReachedObjectByObject() throws Exception {
        try (TestArchive written = new TestArchive(store, 1, PAGE, Codec.ZSTD)) {
            written.rebase(RebaseReason.FIRST, 1);
            written.ship();
            List<Long> lastSeqs = new ArrayList<>(List.of(1L));
            for (int i = 1; i < Archive.MOST_READ_ON + 10; i++) {
                written.commits(1);
                written.commits(1);
                written.ship();
                lastSeqs.add(written.lastSeq());
            }
            long reached = open().endFrom(1).last().seq();
            assertThat(reached).isEqualTo(lastSeqs.get(Archive.MOST_READ_ON - 1));
            assertThat(open().endFrom(reached + 1).last().seq()).isEqualTo(written.lastSeq());
            assertThatThrownBy(() -> open().endFrom(written.lastSeq() + 1))
                    .isInstanceOf(FormatException.MissingObject.class);
        }
    }

    @Test
    void anArchiveWithoutALogHasNoEnd() throws Exception {
        try (TestArchive _ = new TestArchive(store, 1, PAGE, Codec.ZSTD)) {
            assertThat(open().end(1)).isEmpty();
            assertThat(open().snapshots()).isEmpty();
            try (LogReader log = open().log(1)) {
                assertThat(log.next()).isEmpty();
            }
        }
    }

    @Test
    void aListingBeginsWithTheObjectThatHoldsTheSegmentHoweverFarBackThatBegins() throws Exception {
        try (TestArchive written = new TestArchive(store, 1, PAGE, Codec.ZSTD)) {
            for (long seq : new long[] {1, 2, 3_000, 3_001, 5_000_000}) {
                store.create(ObjectNames.log(seq), ObjectBody.of(ByteBuffer.allocate(1)));
            }
            Archive archive = open();
            assertThat(firstSeqs(archive.logObjects(1)))
                    .containsExactly(1L, 2L, 3_000L, 3_001L, 5_000_000L);
            assertThat(firstSeqs(archive.logObjects(2_999))).startsWith(2L);
            assertThat(firstSeqs(archive.logObjects(3_000))).startsWith(3_000L);
            assertThat(firstSeqs(archive.logObjects(4_999_999))).startsWith(3_001L);
            assertThat(firstSeqs(archive.logObjects(Long.MAX_VALUE))).containsExactly(5_000_000L);
            assertThat(written.lastSeq()).isZero();
        }
    }

    private static List<Long> firstSeqs(LogListing listing) throws IOException {
        List<Long> seqs = new ArrayList<>();
        for (Optional<LogObject> next = listing.next(); next.isPresent(); next = listing.next()) {
            seqs.add(next.get().firstSeq());
        }
        return seqs;
    }

    @Test
    void readingFromAnySegmentGoesToTheEnd() throws Exception {
        try (TestArchive written = TestArchive.ofEverything(store, 7, PAGE, Codec.ZSTD)) {
            for (long from = 1; from <= written.lastSeq() + 1; from++) {
                try (LogReader log = open().log(from)) {
                    long seq = from;
                    for (Optional<SegmentHeader> next = log.next();
                            next.isPresent();
                            next = log.next()) {
                        assertThat(next.get()).isEqualTo(written.segment(seq));
                        log.verify();
                        assertThat(log.digest()).isEqualTo(written.digest(seq));
                        seq++;
                    }
                    assertThat(seq).isEqualTo(written.lastSeq() + 1);
                }
            }
        }
    }

    @Test
    void aMissingObjectInTheMiddleIsNamed() throws Exception {
        try (TestArchive _ = TestArchive.ofEverything(store, 7, PAGE, Codec.ZSTD)) {
            List<ListPage.Entry> objects = store.list(ObjectNames.LOG, null, 100).entries();
            for (ListPage.Entry lost : objects.subList(0, objects.size() - 1)) {
                InMemoryObjectStore copy = copyWithout(lost.name());
                assertThatThrownBy(() -> verify(copy))
                        .isInstanceOfSatisfying(
                                FormatException.MissingObject.class,
                                e -> assertThat(e.object()).isEqualTo(lost.name()));
            }
        }
    }

    @Test
    void anObjectUnderAnotherNameIsRefused() throws Exception {
        try (TestArchive _ = TestArchive.ofEverything(store, 7, PAGE, Codec.ZSTD)) {
            List<ListPage.Entry> objects = store.list(ObjectNames.LOG, null, 100).entries();
            String second = objects.get(1).name();
            InMemoryObjectStore copy = copyWithout(second);
            copy.create(second, ObjectBody.of(bytes(objects.get(2).name())));
            assertThatThrownBy(() -> verify(copy))
                    .isInstanceOfSatisfying(
                            FormatException.class, e -> assertThat(e.object()).isEqualTo(second));
        }
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void objectsOfAnotherArchiveAreRefused(Codec codec) throws Exception {
        InMemoryObjectStore other = new InMemoryObjectStore();
        try (TestArchive _ = TestArchive.ofEverything(store, 1, PAGE, codec);
                TestArchive _ = TestArchive.ofEverything(other, 2, PAGE, codec)) {
            store.delete(ObjectNames.ARCHIVE_INFO);
            ByteBuffer foreign = ByteBuffer.allocate(4096);
            other.read(ObjectNames.ARCHIVE_INFO, 0, foreign);
            store.create(ObjectNames.ARCHIVE_INFO, ObjectBody.of(foreign.flip()));
            assertThatThrownBy(() -> verify(store)).hasMessageContaining("archive id");
            assertThatThrownBy(() -> open().snapshot(2)).hasMessageContaining("archive id");
        }
    }

    private Archive open() throws IOException, FormatException {
        return open(store);
    }

    private static Archive open(ObjectStore store) throws IOException, FormatException {
        return ((OpenOutcome.Found) Archive.open(store)).archive();
    }

    private static void verify(ObjectStore store) throws IOException, FormatException {
        try (LogReader log = open(store).log(1)) {
            while (log.next().isPresent()) {
                log.verify();
            }
        }
    }

    private InMemoryObjectStore copyWithout(String name) throws IOException {
        InMemoryObjectStore copy = new InMemoryObjectStore();
        for (ListPage.Entry object : store.list("", null, 1000).entries()) {
            if (!object.name().equals(name)) {
                copy.create(object.name(), ObjectBody.of(bytes(object.name())));
            }
        }
        return copy;
    }

    private ByteBuffer bytes(String name) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(1 << 20);
        store.read(name, 0, content);
        return content.flip();
    }
}
