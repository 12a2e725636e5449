package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.Fault;
import dev.holdfast.storage.FaultyObjectStore;
import dev.holdfast.storage.FileActions;
import dev.holdfast.storage.ForwardingStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ManualClock;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.RetryPolicy;
import dev.holdfast.storage.RetryingObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.state.LogPoint;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// What is shipped when answers are lost and names are taken.
final class ShipperTest {
    private static final ArchiveInfo ARCHIVE =
            new ArchiveInfo(new ArchiveId(1, 2), 1_760_000_000_000_000L);

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @TempDir Path folder;

    private Spool spool(String name, long writer, int segments) throws IOException {
        Spool spool = Spool.open(folder.resolve(name));
        try (LogWriter log = log(spool, writer)) {
            for (int i = 0; i < segments; i++) {
                TestSpool.addBase(log);
            }
        }
        return spool;
    }

    private static LogWriter log(Spool spool, long writer) {
        return new LogWriter(
                ARCHIVE.id(),
                new WriterId(writer),
                Codec.ZSTD,
                Timekeeper.system(),
                spool,
                LogPoint.beginning(ARCHIVE),
                SourcePosition.NOWHERE,
                () -> {},
                _ -> {});
    }

    /// Ships until `lastSeq` is durable or shipping has ended.
    private static void ship(ObjectStore to, Spool spool, ShippedMark mark, long lastSeq)
            throws Exception {
        ship(to, spool, mark, lastSeq, Timekeeper.system());
    }

    private static void ship(
            ObjectStore to, Spool spool, ShippedMark mark, long lastSeq, Timekeeper time)
            throws Exception {
        new Shipping(ARCHIVE, new DestinationOptions(to, UploadRate.UNLIMITED), time)
                .run(spool, mark, lastSeq);
    }

    private static void put(ObjectStore store, List<SpoolEntry> run) throws IOException {
        assertThat(store.create(ObjectNames.log(run.getFirst().seq()), new SpoolRun(run)))
                .isNotNull();
    }

    @Test
    void whatAnEarlierTryStoredIsOursHoweverItWasGrouped() throws Exception {
        for (int stored = 1; stored <= 5; stored++) {
            InMemoryObjectStore each = new InMemoryObjectStore();
            assertThat(Archive.create(each, ARCHIVE)).isNotNull();
            try (Spool spool = spool("own" + stored, 7, 5)) {
                put(each, spool.from(1).stream().limit(stored).toList());
                ship(each, spool, new ShippedMark(LogPoint.beginning(ARCHIVE)), 5);
                assertThat(each.requests(InMemoryObjectStore.Request.CREATE)).isPositive();
            }
        }
    }

    @Test
    void aForeignObjectFencesAndIsNotOverwritten() throws Exception {
        assertThat(Archive.create(store, ARCHIVE)).isNotNull();
        try (Spool theirs = spool("theirs", 8, 1);
                Spool ours = spool("ours", 7, 3)) {
            put(store, theirs.from(1).stream().toList());
            ByteBuffer before = ByteBuffer.allocate(4096);
            assertThat(store.read(ObjectNames.log(1), 0, before)).isNotNull();
            ShippedMark mark = new ShippedMark(LogPoint.beginning(ARCHIVE));
            assertThatThrownBy(() -> ship(store, ours, mark, 3))
                    .isInstanceOf(SidecarException.Fenced.class)
                    .hasMessageContaining(new WriterId(8).toString());
            ByteBuffer after = ByteBuffer.allocate(4096);
            assertThat(store.read(ObjectNames.log(1), 0, after)).isNotNull();
            assertThat(after.flip()).isEqualTo(before.flip());
            assertThat(mark.seq()).isZero();
        }
    }

    @Test
    void lostAnswersLoseNothing() throws Exception {
        assertThat(Archive.create(store, ARCHIVE)).isNotNull();
        long seed = Long.getLong("seed", System.nanoTime());
        ObjectStore faulty =
                new FaultyObjectStore(store, seed, Map.of(Fault.AFTER_EFFECT, 0.5), _ -> {});
        try (Spool spool = spool("spool", 7, 40);
                ObjectStore patient = patient(faulty)) {
            ship(patient, spool, new ShippedMark(LogPoint.beginning(ARCHIVE)), 40);
        }
    }

    private static ObjectStore patient(ObjectStore store) {
        return new RetryingObjectStore(
                store, RetryPolicy.DEFAULT, new ManualClock(), new Random(1));
    }

    /// Another destination has them, and there was no room: what is in an upload's way then.
    private static final class GivingBack extends ForwardingStore {
        private final Spool spool;
        private final LogWriter log;
        private boolean isDone;

        GivingBack(ObjectStore store, Spool spool, LogWriter log) {
            super(store);
            this.spool = spool;
            this.log = log;
        }

        @Override
        public CreateOutcome create(String name, ObjectBody body) throws IOException {
            CreateOutcome outcome = super.create(name, body);
            if (!isDone) {
                isDone = true;
                TestSpool.addBase(log);
                spool.removeThrough(5);
            }
            return outcome;
        }
    }

    /// Between two looks at it. Who fills what was outrun then sets the mark.
    @Test
    void behindWhatWasGivenBackNothingIsStoredBeforeThatIsFilled() throws Exception {
        try (Spool spool = smallFiles("spool");
                LogWriter log = log(spool, 7)) {
            for (int i = 0; i < 6; i++) {
                TestSpool.addBase(log);
            }
            List<LogPoint> points = spool.from(1).stream().map(SpoolEntry::point).toList();
            ShippedMark mark = new ShippedMark(LogPoint.beginning(ARCHIVE));
            ObjectStore strict =
                    new ForwardingStore(store) {
                        @Override
                        public CreateOutcome create(String name, ObjectBody body)
                                throws IOException {
                            assertThat(name).isEqualTo(ObjectNames.log(mark.seq() + 1));
                            return super.create(name, body);
                        }
                    };
            AtomicBoolean isDone = new AtomicBoolean();
            Timekeeper time =
                    new Timekeeper(
                            InstantSource.system(),
                            () -> {
                                // The shipper asks its budget between the two
                                if (Thread.currentThread().isVirtual()
                                        && isDone.compareAndSet(false, true)) {
                                    giveBack(spool, 4);
                                }
                                return System.nanoTime();
                            });
            new Shipping(ARCHIVE, new DestinationOptions(strict, UploadRate.UNLIMITED), time)
                    .run(
                            spool,
                            mark,
                            6,
                            () -> {
                                long first = spool.first().orElseThrow().seq();
                                if (first > mark.seq() + 1) {
                                    mark.advanceTo(points.get((int) first - 2));
                                }
                                return Optional.empty();
                            });
            assertThat(StoredLog.names(store)).isNotEmpty();
            assertThat(spool.first().orElseThrow().seq()).isGreaterThan(1);
        }
    }

    private static void giveBack(Spool spool, long seq) {
        try {
            spool.removeThrough(seq);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Spool smallFiles(String name) throws IOException {
        return Spool.open(folder.resolve(name), FileActions.REAL, TestSpool.FILE_BYTES);
    }

    @Test
    void whatWasGivenBackDuringItsUploadWasStored() throws Exception {
        try (Spool spool = smallFiles("spool");
                LogWriter log = log(spool, 7)) {
            for (int i = 0; i < 5; i++) {
                TestSpool.addBase(log);
            }
            ship(
                    new GivingBack(store, spool, log),
                    spool,
                    new ShippedMark(LogPoint.beginning(ARCHIVE)),
                    6);
            assertThat(spool.first().orElseThrow().seq()).isGreaterThan(1);
        }
    }

    @Test
    void whatWasGivenBackWhileItsNameWasFoundTakenIsOursAllTheSame() throws Exception {
        try (Spool spool = smallFiles("spool");
                LogWriter log = log(spool, 7)) {
            for (int i = 0; i < 5; i++) {
                TestSpool.addBase(log);
            }
            put(store, spool.from(1).stream().toList());
            ship(
                    new GivingBack(store, spool, log),
                    spool,
                    new ShippedMark(LogPoint.beginning(ARCHIVE)),
                    6);
            assertThat(spool.first().orElseThrow().seq()).isGreaterThan(1);
        }
    }

    /// The clock advances by itself, and much during an upload.
    @Test
    void restsTwiceAsLongAsAnUploadTook() throws Exception {
        long tick = 1_000_000;
        long upload = 4 * tick;
        AtomicLong clock = new AtomicLong();
        List<Long> began = new CopyOnWriteArrayList<>();
        try (Spool spool = Spool.open(folder.resolve("resting"));
                LogWriter log = log(spool, 7)) {
            TestSpool.addBase(log);
            ObjectStore slow =
                    new ForwardingStore(store) {
                        @Override
                        public CreateOutcome create(String name, ObjectBody body)
                                throws IOException {
                            began.add(clock.get());
                            clock.addAndGet(upload);
                            if (began.size() < 3) {
                                TestSpool.addBase(log);
                            }
                            return super.create(name, body);
                        }
                    };
            ship(
                    slow,
                    spool,
                    new ShippedMark(LogPoint.beginning(ARCHIVE)),
                    3,
                    new Timekeeper(InstantSource.system(), () -> clock.addAndGet(tick)));
        }
        assertThat(began).hasSize(3);
        assertThat(began.get(1) - began.get(0)).isGreaterThanOrEqualTo(3 * upload);
        assertThat(began.get(2) - began.get(1)).isGreaterThanOrEqualTo(3 * upload);
    }

    /// By a clock that advances by itself. Had it been charged for what was refused, the next try
    /// would come after minutes.
    @Test
    void whatIsRefusedIsNotPaidFor() throws Exception {
        AtomicLong clock = new AtomicLong();
        AtomicLong tries = new AtomicLong();
        ObjectStore refusing =
                new ForwardingStore(store) {
                    @Override
                    public CreateOutcome create(String name, ObjectBody body) throws IOException {
                        if (tries.incrementAndGet() < 3) {
                            throw new SidecarException.StorageUnavailable("refused", "Wait.");
                        }
                        return super.create(name, body);
                    }
                };
        DestinationOptions slow =
                new DestinationOptions(
                        refusing,
                        UploadRate.UNLIMITED,
                        UploadBandwidth.of(1),
                        DestinationOptions.SEGMENT_OF_FOLDER);
        Timekeeper time =
                new Timekeeper(InstantSource.system(), () -> clock.addAndGet(100_000_000));
        try (Spool spool = spool("refused", 7, 3)) {
            assertThat(spool.bytesAfter(0)).isGreaterThan(100);
            new Shipping(ARCHIVE, slow, time)
                    .run(spool, new ShippedMark(LogPoint.beginning(ARCHIVE)), 3);
        }
        assertThat(tries).hasValue(3);
    }
}
