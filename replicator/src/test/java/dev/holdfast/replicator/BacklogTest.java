package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ForwardingStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.LimitedDisk;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.SegmentStart;
import dev.holdfast.storage.archive.SegmentWriter;
import dev.holdfast.storage.state.LogPoint;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/// What an outage of the store has left waiting: how many objects it becomes, in which order, and
/// what becomes of the commits that come meanwhile.
final class BacklogTest {
    private static final PageSize PAGE_SIZE = new PageSize(65_536);
    private static final int SMALL = 500;
    private static final int LARGE = 10;
    private static final int LARGE_PAGES = 64;
    private static final int MEANWHILE = 300;
    private static final int FAILURES = 2;

    private final InMemoryObjectStore memory = new InMemoryObjectStore();
    private final SegmentWriter writer = TestSpool.segmentWriter();
    private final SplittableRandom random = new SplittableRandom(1);

    @TempDir private Path folder;

    /// A store that is away at first. Commits come while the objects are sent: some during the
    /// first, one during the second.
    private final class ReturningStore extends ForwardingStore {
        private final Spool spool;
        private final List<String> names = new ArrayList<>();
        private final List<Long> sizes = new ArrayList<>();
        private int tries;

        ReturningStore(Spool spool) {
            super(memory);
            this.spool = spool;
        }

        @Override
        public CreateOutcome create(String name, ObjectBody body) throws IOException {
            if (tries++ < FAILURES) {
                throw new SidecarException.StorageUnavailable("the store is away", "Wait.");
            }
            int more =
                    switch (names.size()) {
                        case 0 -> MEANWHILE;
                        case 1 -> 1;
                        default -> 0;
                    };
            append(spool, more, 1);
            names.add(name);
            sizes.add(body.bytes());
            return super.create(name, body);
        }
    }

    @Test
    void itGoesInFewLargeObjectsOldestFirstAndWhatComesMeanwhileWithIt() throws Exception {
        assertThat(Archive.create(memory, TestSpool.ARCHIVE)).isNotNull();
        try (writer;
                Spool spool = Spool.open(folder.resolve("spool"), new LimitedDisk())) {
            addBase(spool);
            append(spool, SMALL, 1);
            append(spool, LARGE, LARGE_PAGES);
            append(spool, SMALL, 1);
            long backlog = spool.bytesAfter(0);
            ReturningStore store = new ReturningStore(spool);
            // A budget for so many objects, and no more in the time of any test
            DestinationOptions to =
                    new DestinationOptions(
                            store, new UploadRate(Duration.ofHours(1), FAILURES + 3));
            long last = 1 + SMALL + LARGE + SMALL + MEANWHILE + 1;
            new Shipping(TestSpool.ARCHIVE, to, Timekeeper.system())
                    .run(spool, new ShippedMark(LogPoint.beginning(TestSpool.ARCHIVE)), last);
            assertThat(store.names)
                    .isSorted()
                    .hasSize(3)
                    .startsWith(ObjectNames.log(1))
                    .endsWith(ObjectNames.log(last));
            assertThat(store.sizes.getFirst())
                    .isBetween(Shipper.MAX_OBJECT_BYTES * 3 / 4, Shipper.MAX_OBJECT_BYTES);
            // The rest of it, and what came while the first was sent
            assertThat(store.sizes.get(0) + store.sizes.get(1)).isGreaterThan(backlog);
        }
        assertThat(StoredLog.segments(memory)).hasSize(1 + 2 * SMALL + LARGE + MEANWHILE + 1);
    }

    /// Adds commits that do not compress.
    private void append(Spool spool, int count, int pages) throws IOException {
        for (int i = 0; i < count; i++) {
            append(spool, pages);
        }
    }

    private void append(Spool spool, int pages) throws IOException {
        SpoolEntry last = spool.last().orElseThrow();
        long seq = last.seq() + 1;
        add(
                spool,
                SegmentStart.commits(
                        writer.needsReset(),
                        PAGE_SIZE,
                        seq,
                        last.digest(),
                        last.header().lastTx() + 1),
                new RecordHeader(
                        Optional.empty(),
                        pages,
                        LARGE_PAGES,
                        last.header().lastMicros() + 1,
                        OptionalLong.of(seq)));
    }

    private void addBase(Spool spool) throws IOException {
        add(
                spool,
                SegmentStart.rebase(PAGE_SIZE, 1, TestSpool.ARCHIVE.digest(), 1),
                new RecordHeader(
                        Optional.of(RebaseReason.FIRST), 0, 0, 1000, OptionalLong.empty()));
    }

    private void add(Spool spool, SegmentStart start, RecordHeader record) throws IOException {
        SpoolFile file = spool.fileFor(start.seq());
        writer.begin(start, file.channel(), spool.nextOffset(file));
        writer.record(record);
        byte[] image = new byte[PAGE_SIZE.bytes()];
        for (int page = 1; page <= record.pageCount(); page++) {
            if (record.pageCount() > 1) {
                random.nextBytes(image);
            }
            writer.page(page, MemorySegment.ofArray(image));
        }
        SpoolEntry entry =
                spool.add(writer.seal(), file, SourcePosition.NOWHERE, true, new PageDeltas());
        assertThat(entry.seq()).isEqualTo(start.seq());
    }
}
