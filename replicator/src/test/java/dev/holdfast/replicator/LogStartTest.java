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
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.ForwardingStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.TestArchive;
import dev.holdfast.storage.state.LogPoint;
import dev.holdfast.storage.state.RestoredState;
import dev.holdfast.storage.state.SavedPages;
import dev.holdfast.storage.state.StateFolder;
import dev.holdfast.storage.state.WriterIdentity;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/// Every case of what store and state folder can say together.
final class LogStartTest {
    private static final PageSize PAGE_SIZE = new PageSize(512);

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @TempDir Path folder;

    private Path state() {
        return folder.resolve("state");
    }

    private FollowerOptions options(boolean isTakeOver) {
        FollowerOptions plain = FollowedDatabase.options(folder.resolve("app.db"));
        return isTakeOver ? FollowedDatabase.takingOver(plain) : plain;
    }

    private LogStart find(boolean isTakeOver) throws IOException {
        return find(store, isTakeOver);
    }

    private LogStart find(ObjectStore where, boolean isTakeOver) throws IOException {
        try (StateFolder state = StateFolder.open(state());
                Spool spool = Spool.open(state.spool())) {
            return LogStart.find(
                    List.of(where), state, spool, options(isTakeOver), Timekeeper.system());
        }
    }

    private static LogPoint durable(LogStart start) {
        return start.stored().orElseThrow().durable();
    }

    /// Writes segments behind what `start` says, and ships the first `shipped` of them.
    private void write(LogStart start, int segments, int shipped) throws IOException {
        try (StateFolder state = StateFolder.open(state());
                Spool spool = Spool.open(state.spool());
                LogWriter log = TestSpool.logWriter(start, spool)) {
            for (int i = 0; i < segments; i++) {
                TestSpool.addBase(log);
            }
            for (SpoolEntry entry :
                    spool.from(start.end().seq() + 1).stream().limit(shipped).toList()) {
                assertThat(
                                store.create(
                                        ObjectNames.log(entry.seq()),
                                        ObjectBody.of(
                                                entry.file().channel(),
                                                entry.offset(),
                                                entry.header().storedLength())))
                        .isNotNull();
            }
        }
    }

    /// The store has a claim of that seq at its end, and the state folder knows it.
    private void assertClaimed(LogStart start, long seq) throws IOException {
        assertThat(start.end()).isEqualTo(durable(start));
        assertThat(start.end().seq()).isEqualTo(seq);
        assertThat(StoredLog.end(store))
                .hasValueSatisfying(end -> {
                    assertThat(end.last().kind()).isEqualTo(SegmentHeader.Kind.CLAIM);
                    assertThat(end.last().writer()).isEqualTo(start.identity().writer());
                    assertThat(end.digest()).isEqualTo(start.end().digest());
                });
    }

    private TestArchive archive() throws IOException {
        TestArchive archive = new TestArchive(store, 5, PAGE_SIZE, Codec.ZSTD);
        archive.rebase(RebaseReason.FIRST, 3);
        archive.ship();
        archive.commits(2);
        archive.ship();
        return archive;
    }

    private void restoredAt(TestArchive archive, long seq) {
        LogPoint point =
                new LogPoint(
                        seq,
                        archive.digest(seq),
                        archive.segment(seq).lastTx(),
                        archive.segment(seq).lastMicros());
        PageMap pages = new PageMap(PAGE_SIZE);
        pages.resize(archive.segment(seq).databasePages());
        RestoredState.create(
                state(),
                new SavedPages(
                        archive.info().id(), point, PAGE_SIZE, pages, ByteBuffer.allocate(0)));
    }

    @Test
    void aNewArchiveBeginsAtItsBeginning() throws IOException {
        LogStart start = find(false);
        assertThat(start.end().seq()).isZero();
        assertThat(start.end().digest()).isEqualTo(start.archive().digest());
        assertThat(start.reason()).isEqualTo(RebaseReason.FIRST);
        assertThat(find(false).identity()).isEqualTo(start.identity());
    }

    @Test
    void anArchiveThatWasNotCreatedInTheEndIsCreatedWithTheSameName() throws IOException {
        ArchiveInfo info = new ArchiveInfo(new ArchiveId(3, 4), 5);
        try (StateFolder state = StateFolder.open(state())) {
            state.saveIdentity(
                    new WriterIdentity(
                            info, new WriterId(9), folder.resolve("app.db"), List.of("memory")));
        }
        assertThat(find(false).archive()).isEqualTo(info);
    }

    @Test
    void whatWaitsInTheSpoolIsOurs() throws IOException {
        write(find(false), 5, 2);
        LogStart start = find(false);
        assertThat(start.end().seq()).isEqualTo(5);
        assertThat(durable(start).seq()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 40})
    void whatIsStillHereIsNotGivenUpForADamagedObject(int fromEnd) throws IOException {
        write(find(false), 5, 2);
        StoredLog.damage(store, ObjectNames.log(2), fromEnd);
        for (boolean isTakeOver : new boolean[] {false, true}) {
            assertThatThrownBy(() -> find(isTakeOver))
                    .isInstanceOf(SidecarException.CorruptArchive.class)
                    .hasMessageStartingWith(ObjectNames.log(2));
        }
        assertThat(store.delete(ObjectNames.log(2))).isNotNull();
        LogStart again = find(false);
        assertThat(durable(again).seq()).isEqualTo(1);
        assertThat(again.end().seq()).isEqualTo(5);
    }

    /// To remove it, as one of ours, would let us write over what the other has acknowledged.
    @Test
    void aDamagedObjectOfAnotherWriterIsAnotherWriters() throws IOException {
        write(find(false), 5, 1);
        StoredLog.claim(store, new WriterId(99));
        StoredLog.damage(store, ObjectNames.log(2), 1);
        assertThatThrownBy(() -> find(false)).isInstanceOf(SidecarException.Fenced.class);
    }

    @Test
    void nothingOfTheLogIsStoredYet() throws IOException {
        write(find(false), 3, 0);
        LogStart start = find(false);
        assertThat(start.end().seq()).isEqualTo(3);
        assertThat(durable(start).seq()).isZero();
    }

    @Test
    void aStoreThatLostTheLogIsAnError() throws IOException {
        LogStart first = find(false);
        write(first, 3, 3);
        for (long seq = 2; seq <= 3; seq++) {
            assertThat(store.delete(ObjectNames.log(seq))).isNotNull();
        }
        assertThat(durable(find(false)).seq()).isEqualTo(1);
        assertThat(store.delete(ObjectNames.ARCHIVE_INFO)).isNotNull();
        assertThatThrownBy(() -> find(false)).isInstanceOf(SidecarException.CorruptArchive.class);
    }

    @Test
    void theArchiveOfAnotherIsRefusedAndClaimedOnlyWhenAsked() throws IOException {
        try (TestArchive archive = archive()) {
            assertThatThrownBy(() -> find(false)).isInstanceOf(SidecarException.Fenced.class);
            LogStart start = find(true);
            assertClaimed(start, 3);
            assertThat(start.end().tx()).isEqualTo(archive.lastTx());
            assertThat(start.end().micros()).isGreaterThan(archive.segment(2).lastMicros());
            assertThat(start.known()).isEmpty();
        }
    }

    @Test
    void aWriterThatWasOvertakenIsRefused() throws IOException {
        LogStart first = find(false);
        write(first, 2, 2);
        try (StateFolder state = StateFolder.open(state());
                Spool spool = Spool.open(state.spool())) {
            spool.clear();
        }
        assertThatThrownBy(() -> find(false)).isInstanceOf(SidecarException.Fenced.class);
        assertClaimed(find(true), 3);
    }

    @Test
    void aRestoredDatabaseGoesOnWithAClaimAtTheLogsEnd() throws IOException {
        try (TestArchive archive = archive()) {
            restoredAt(archive, 2);
            LogStart start = find(false);
            assertClaimed(start, 3);
            assertThat(start.known()).isPresent();
        }
    }

    /// It may come from a copy, in which that was whole.
    @Test
    void aRestoredDatabaseDoesNotGoOnBehindADamagedObject() throws IOException {
        try (TestArchive archive = archive()) {
            restoredAt(archive, 2);
            String newest = ObjectNames.log(StoredLog.end(store).orElseThrow().object().firstSeq());
            StoredLog.damage(store, newest, 40);
            assertThatThrownBy(() -> find(false))
                    .isInstanceOf(SidecarException.CorruptArchive.class)
                    .hasMessageStartingWith(newest);
            assertThat(StoredLog.end(store).orElseThrow().last().kind())
                    .isNotEqualTo(SegmentHeader.Kind.CLAIM);
        }
    }

    /// What waits in its state folder may be nowhere else.
    @Test
    void whoeverNamesAnotherPlaceIsNotToldToRemoveAnything() throws IOException {
        write(find(false), 2, 1);
        ObjectStore elsewhere =
                new ForwardingStore(new InMemoryObjectStore()) {
                    @Override
                    public String location() {
                        return "elsewhere:";
                    }
                };
        assertThatThrownBy(() -> find(elsewhere, false))
                .isInstanceOf(SidecarException.BadUsage.class)
                .hasMessageStartingWith("there is no archive in elsewhere:, and that of ")
                .extracting(e -> ((SidecarException) e).remedy())
                .asString()
                .contains("memory:", "keep " + state())
                .doesNotContain("remove");
        for (String name : StoredLog.names(store)) {
            assertThat(store.delete(name)).isNotNull();
        }
        assertThatThrownBy(() -> find(false))
                .isInstanceOf(SidecarException.CorruptArchive.class)
                .hasMessageContaining("is not in memory: any more")
                .extracting(e -> ((SidecarException) e).remedy())
                .asString()
                .contains("keep " + state())
                .doesNotContain("remove");
    }

    /// Of files that are there and here one is replaced.
    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    /// It was put back from a backup.
    @Test
    void aStateFolderThatIsOlderThanItsArchiveIsToldSo() throws IOException {
        write(find(false), 1, 1);
        Path backup = folder.resolve("backup");
        copy(state(), backup);
        write(find(false), 1, 1);
        copy(backup, state());
        assertThatThrownBy(() -> find(false))
                .isInstanceOf(SidecarException.Fenced.class)
                .hasMessageStartingWith("the state folder is older than the archive in memory:");
    }

    /// It is claimed at its end, which only the store knows.
    @Test
    void aRestoredDatabaseNeedsTheStore() throws IOException {
        try (TestArchive archive = archive()) {
            restoredAt(archive, 2);
            try (StateFolder state = StateFolder.open(state())) {
                state.saveIdentity(
                        new WriterIdentity(
                                archive.info(),
                                new WriterId(9),
                                folder.resolve("app.db"),
                                List.of("memory")));
            }
            OutageStore away = new OutageStore(store);
            away.begin();
            assertThatThrownBy(() -> find(away, false))
                    .isInstanceOf(SidecarException.StorageUnavailable.class);
        }
    }

    @Test
    void aClaimIsMadeOnce() throws IOException {
        try (TestArchive archive = archive()) {
            restoredAt(archive, 2);
            LogStart first = find(false);
            LogStart second = find(false);
            assertThat(second.identity()).isEqualTo(first.identity());
            assertThat(second.end()).isEqualTo(first.end());
            assertThat(durable(second)).isEqualTo(first.end());
            assertThat(second.known()).isPresent();
        }
    }

    @Test
    void aDatabaseThatWasRestoredToAnEarlierPointIsBehind() throws IOException {
        try (TestArchive archive = archive()) {
            restoredAt(archive, 1);
            assertThatThrownBy(() -> find(false)).isInstanceOf(SidecarException.Fenced.class);
            try (StateFolder state = StateFolder.open(state())) {
                assertThat(state.identity()).isEmpty();
            }
            LogStart start = find(true);
            assertThat(start.reason()).isEqualTo(RebaseReason.DATABASE_BEHIND);
            assertClaimed(start, 3);
        }
    }

    @Test
    void aStateFolderThatWroteElsewhereIsRefused() throws IOException {
        write(find(false), 1, 0);
        InMemoryObjectStore elsewhere = new InMemoryObjectStore();
        try (TestArchive archive = new TestArchive(elsewhere, 6, PAGE_SIZE, Codec.ZSTD);
                StateFolder state = StateFolder.open(state());
                Spool spool = Spool.open(state.spool())) {
            assertThat(archive.lastSeq()).isZero();
            assertThatThrownBy(() ->
                            LogStart.find(
                                    List.of(elsewhere),
                                    state,
                                    spool,
                                    options(false),
                                    Timekeeper.system()))
                    .isInstanceOf(SidecarException.BadUsage.class);
        }
    }

    @Test
    void aStoreThatLostItsEndIsToldUpToWhereItWasKnown() throws IOException {
        try (TestArchive archive = archive()) {
            restoredAt(archive, 2);
            assertThat(store.delete(ObjectNames.log(2))).isNotNull();
            assertThatThrownBy(() -> find(false))
                    .isInstanceOf(SidecarException.CorruptArchive.class)
                    .hasMessageContaining("found its end at segment 1")
                    .hasMessageContaining("wanted the log up to segment 2");
        }
    }

    @Test
    void aStateFolderThatNeverWroteTakesTheArchiveThatIsThere() throws IOException {
        try (StateFolder state = StateFolder.open(state())) {
            state.saveIdentity(
                    new WriterIdentity(
                            new ArchiveInfo(new ArchiveId(3, 4), 5),
                            new WriterId(9),
                            folder.resolve("app.db"),
                            List.of("memory")));
        }
        try (TestArchive archive = new TestArchive(store, 6, PAGE_SIZE, Codec.ZSTD)) {
            LogStart start = find(false);
            assertThat(start.identity().archive()).isEqualTo(archive.info());
            assertThat(start.end().seq()).isZero();
        }
    }
}
