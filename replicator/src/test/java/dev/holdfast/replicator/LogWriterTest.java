package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.replicator.RecordedWal.State;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.LimitedDisk;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogReader;
import dev.holdfast.storage.archive.OpenOutcome;
import dev.holdfast.storage.archive.RecordVisitor;
import dev.holdfast.storage.state.LogPoint;
import dev.holdfast.storage.state.SavedPages;
import dev.holdfast.wal.WalPosition;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// The commits of a real WAL, appended while the disk runs full and forces fail, and the process
/// dies and starts again: at each step log, page map and place in the WAL are those of the last
/// segment that counts, and in the end every commit is in the log once.
final class LogWriterTest {
    private static final PageSize PAGE_SIZE = RecordedWal.PAGE_SIZE;
    private static final ArchiveInfo ARCHIVE =
            new ArchiveInfo(new ArchiveId(1, 2), 1_760_000_000_000_000L);
    private static final long FILE_BYTES = 100_000;
    private static final int ROUNDS = 12;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    @TempDir Path folder;

    private RecordedWal recorded;

    @BeforeEach
    void record() throws IOException {
        System.getLogger(LogWriterTest.class.getName())
                .log(System.Logger.Level.INFO, "seed=" + seed);
        recorded = RecordedWal.in(folder, seed);
    }

    @AfterEach
    void close() throws IOException {
        recorded.close();
    }

    /// A writer and its spool in one process after another.
    private final class Run implements AutoCloseable {
        private final Path path;
        private final Codec codec;
        private final List<SpoolEntry> told = new ArrayList<>();

        /// Segments from which a replay must be able to start.
        private final List<Long> resets = new ArrayList<>();

        private LimitedDisk disk = new LimitedDisk();
        private Spool spool;
        private LogWriter log;
        private WalPosition position;
        private final LogPoint base;

        Run(Path path, Codec codec) throws IOException {
            this.path = path;
            this.codec = codec;
            spool = Spool.open(path, disk, FILE_BYTES);
            log = writer(LogPoint.beginning(ARCHIVE), SourcePosition.NOWHERE);
            State first = recorded.states().getFirst();
            position = first.end();
            log.rebase(
                    RebaseReason.FIRST,
                    PAGE_SIZE,
                    first.pages(),
                    new SourcePosition(position),
                    Optional.of(baseMap()));
            this.base = log.end();
        }

        private SavedPages savedAtBase() {
            return new SavedPages(
                    ARCHIVE.id(),
                    base,
                    PAGE_SIZE,
                    baseMap(),
                    new SourcePosition(recorded.states().getFirst().end()).toBytes());
        }

        private PageMap baseMap() {
            byte[] base = recorded.base();
            PageMap map = new PageMap(PAGE_SIZE);
            DatabaseScan.hash(MemorySegment.ofArray(base), 1, base.length / 512, PAGE_SIZE, map);
            map.resize(base.length / 512);
            return map;
        }

        private LogWriter writer(LogPoint end, SourcePosition source) {
            return new LogWriter(
                    ARCHIVE.id(),
                    new WriterId(7),
                    codec,
                    Timekeeper.system(),
                    spool,
                    end,
                    source,
                    () -> {},
                    told::add);
        }

        /// Appends up to `count` commits, as capture does.
        void append(int count) throws IOException {
            int[] left = {count};
            try {
                recorded.read(
                        position,
                        commit -> {
                            if (left[0]-- == 0) {
                                throw new EnoughException();
                            }
                            log.append(commit);
                            position = commit.end();
                        });
            } catch (EnoughException _) {
                // the rest comes later
            }
        }

        void giveUp() {
            log.giveUp();
            position = log.source().wal();
            assertThat(log.hasOpen()).isFalse();
            assertThat(log.appendedTx()).isEqualTo(log.end().tx());
            assertThat(log.appendedMicros()).isEqualTo(log.end().micros());
        }

        /// The process dies and is started anew.
        void restart(boolean isClaiming) throws IOException {
            log.close();
            spool.close();
            disk = new LimitedDisk();
            spool = Spool.open(path, disk, FILE_BYTES);
            List<SpoolEntry> found = List.copyOf(spool.from(1));
            // A sealed segment whose force failed may be whole all the same, and is then as good
            assertThat(found).hasSizeBetween(told.size(), told.size() + 1);
            for (int i = 0; i < told.size(); i++) {
                assertThat(found.get(i).header()).isEqualTo(told.get(i).header());
                assertThat(found.get(i).digest()).isEqualTo(told.get(i).digest());
            }
            told.clear();
            told.addAll(found);
            LogStart.Known known =
                    SpoolReplay.known(spool, Optional.of(savedAtBase())).orElseThrow();
            if (isClaiming) {
                SpoolEntry last = found.getLast();
                told.add(TestSpool.addClaim(spool, last.header(), last.digest(), known.source()));
            }
            log = writer(told.getLast().point(), known.source());
            PageMap pages = known.pages().orElseThrow();
            log.resume(PAGE_SIZE, pages.pageCount(), known.source(), Optional.of(pages));
            position = log.source().wal();
        }

        /// Everything that the writer says must be that of the last transaction that it appended.
        void check() {
            State state = recorded.after(log.appendedTx());
            PageMap pages = log.pages().orElseThrow();
            assertThat(position).isEqualTo(state.end());
            assertThat(pages.checksum()).isEqualTo(state.checksum());
            assertThat(pages.pageCount()).isEqualTo(state.pages());
            State sealed = recorded.after(log.end().tx());
            assertThat(log.databasePages()).isEqualTo(sealed.pages());
            assertThat(log.source().wal()).isEqualTo(sealed.end());
            assertThat(log.end()).isEqualTo(told.getLast().point());
            assertThat(log.end().seq()).isEqualTo(told.size());
            assertThat(spool.last()).contains(told.getLast());
        }

        @Override
        public void close() throws IOException {
            log.close();
            spool.close();
        }
    }

    private static final class EnoughException extends IOException {
        private static final long serialVersionUID = 1;
    }

    @ParameterizedTest
    @EnumSource
    void whateverFailsEveryCommitIsInTheLogOnce(Codec codec) throws Exception {
        int failures = 0;
        for (int round = 0; round < ROUNDS; round++) {
            try (Run run = new Run(folder.resolve("spool-" + round), codec)) {
                while (run.log.end().tx() < recorded.states().size()) {
                    breakSomething(run.disk);
                    try {
                        step(run);
                    } catch (SpoolException e) {
                        failures++;
                        if (random.nextInt(4) == 0) {
                            run.restart(random.nextBoolean());
                        } else {
                            run.giveUp();
                            run.check();
                        }
                    }
                    run.disk.heal();
                    if (random.nextInt(20) == 0) {
                        run.restart(random.nextBoolean());
                    }
                    run.check();
                }
                assertHoldsEveryCommit(run);
            }
        }
        assertThat(failures).isGreaterThan(ROUNDS);
    }

    /// A snapshot's replay begins there, and the snapshot may be stored before the segment is.
    @ParameterizedTest
    @EnumSource
    void aSegmentThatWasGivenUpNeverTakesThePlaceOfAReset(Codec codec) throws Exception {
        try (Run run = new Run(folder.resolve("spool"), codec)) {
            run.append(1);
            run.disk.failForces();
            assertThatThrownBy(run.log::cut).isInstanceOf(SpoolException.class);
            run.giveUp();
            assertThatThrownBy(run.log::resetNext).isInstanceOf(SpoolException.class);
            run.disk.heal();
            long reset = run.log.resetNext();
            run.restart(false);
            assertThat(reset).isEqualTo(run.log.end().seq() + 1);
        }
    }

    private void breakSomething(LimitedDisk disk) {
        switch (random.nextInt(8)) {
            case 0 -> disk.limitTo(random.nextInt(200));
            case 1 -> disk.limitTo(random.nextInt(20_000));
            case 2 -> disk.failForces();
            case 3 -> disk.failFolders();
            default -> {}
        }
    }

    private void step(Run run) throws IOException {
        run.append(random.nextInt(6));
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> run.log.cut();
            case 3 -> {
                run.resets.add(run.log.resetNext());
                assertThat(run.resets).last().isEqualTo(run.log.end().seq() + 1);
            }
            case 4 -> run.giveUp();
            default -> {}
        }
        if (recorded.isEnd(run.position)) {
            run.log.cut();
        }
    }

    private void assertHoldsEveryCommit(Run run) throws Exception {
        for (SpoolEntry entry : run.told) {
            boolean isCommits = entry.header().kind() == SegmentHeader.Kind.COMMITS;
            assertThat(entry.header().isReset() || !isCommits || !run.resets.contains(entry.seq()))
                    .as("segment %d is a reset", entry.seq())
                    .isTrue();
        }
        InMemoryObjectStore store = new InMemoryObjectStore();
        assertThat(Archive.create(store, ARCHIVE)).isInstanceOf(CreateOutcome.Created.class);
        for (SpoolEntry entry : run.told) {
            assertThat(
                            store.create(
                                    ObjectNames.log(entry.seq()),
                                    ObjectBody.of(
                                            entry.file().channel(),
                                            entry.offset(),
                                            entry.header().storedLength())))
                    .isInstanceOf(CreateOutcome.Created.class);
        }
        List<Long> seen = new ArrayList<>();
        try (LogReader reader = archive(store).log(1)) {
            for (Optional<SegmentHeader> next = reader.next();
                    next.isPresent();
                    next = reader.next()) {
                reader.decode(new Compared(seen));
            }
        }
        assertThat(seen).hasSize(recorded.states().size());
    }

    private static Archive archive(InMemoryObjectStore store) throws Exception {
        if (Archive.open(store) instanceof OpenOutcome.Found(Archive archive)) {
            return archive;
        }
        throw new AssertionError("no archive");
    }

    /// Holds each transaction of the log against the state of its number.
    private final class Compared implements RecordVisitor {
        private final List<Long> seen;
        private TreeMap<Long, byte[]> written = new TreeMap<>();

        Compared(List<Long> seen) {
            this.seen = seen;
        }

        @Override
        public void page(long pageNumber, MemorySegment image) {
            written.put(pageNumber, image.toArray(ValueLayout.JAVA_BYTE));
        }

        @Override
        public void end(long tx, RecordHeader header) {
            State state = recorded.after(tx);
            assertThat(tx).isEqualTo(seen.size() + 1);
            assertThat(header.databasePages()).isEqualTo(state.pages());
            assertThat(header.stateChecksum()).hasValue(state.checksum());
            assertThat(written).containsOnlyKeys(state.written().keySet());
            written.forEach(
                    (page, image) -> assertThat(image).isEqualTo(state.written().get(page)));
            written = new TreeMap<>();
            seen.add(tx);
        }
    }
}
