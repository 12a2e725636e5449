package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.archive.TestArchive;
import dev.holdfast.storage.state.LogPoint;
import dev.holdfast.storage.state.SavedPages;
import dev.holdfast.storage.state.StateFolder;
import dev.holdfast.storage.state.WriterIdentity;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

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
        try (StateFolder state = StateFolder.open(state());
                Spool spool = Spool.open(state.spool())) {
            LogStart start =
                    LogStart.find(store, state, spool, options(isTakeOver), Timekeeper.system());
            state.saveIdentity(start.identity());
            return start;
        }
    }

    /// Writes claims behind what `start` says, and ships the first `shipped` of them.
    private void write(LogStart start, int claims, int shipped) throws IOException {
        try (StateFolder state = StateFolder.open(state());
                Spool spool = Spool.open(state.spool());
                LogWriter log =
                        new LogWriter(
                                start.archive().info().id(),
                                start.identity().writer(),
                                Codec.ZSTD,
                                Timekeeper.system(),
                                spool,
                                start.end(),
                                SourcePosition.NOWHERE,
                                _ -> {})) {
            for (int i = 0; i < claims; i++) {
                log.claim(PAGE_SIZE);
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
        StateFolder.createRestored(
                state(),
                new SavedPages(
                        archive.info().id(), point, PAGE_SIZE, pages, ByteBuffer.allocate(0)));
    }

    @Test
    void aNewArchiveBeginsAtItsBeginning() throws IOException {
        LogStart start = find(false);
        assertThat(start.end().seq()).isZero();
        assertThat(start.end().digest()).isEqualTo(start.archive().info().digest());
        assertThat(start.isClaimNeeded()).isFalse();
        assertThat(start.reason()).isEqualTo(RebaseReason.FIRST);
        assertThat(find(false).identity()).isEqualTo(start.identity());
    }

    @Test
    void anArchiveThatWasNotCreatedInTheEndIsCreatedWithTheSameName() throws IOException {
        ArchiveId id = new ArchiveId(3, 4);
        try (StateFolder state = StateFolder.open(state())) {
            state.saveIdentity(
                    new WriterIdentity(id, new WriterId(9), folder.resolve("app.db"), "memory"));
        }
        assertThat(find(false).archive().info().id()).isEqualTo(id);
    }

    @Test
    void whatWaitsInTheSpoolIsOurs() throws IOException {
        write(find(false), 5, 2);
        LogStart start = find(false);
        assertThat(start.end().seq()).isEqualTo(5);
        assertThat(start.durable().seq()).isEqualTo(2);
        assertThat(start.isClaimNeeded()).isFalse();
    }

    @Test
    void nothingOfTheLogIsStoredYet() throws IOException {
        write(find(false), 3, 0);
        LogStart start = find(false);
        assertThat(start.end().seq()).isEqualTo(3);
        assertThat(start.durable().seq()).isZero();
    }

    @Test
    void aStoreThatLostTheLogIsAnError() throws IOException {
        LogStart first = find(false);
        write(first, 3, 3);
        for (long seq = 2; seq <= 3; seq++) {
            assertThat(store.delete(ObjectNames.log(seq))).isNotNull();
        }
        assertThat(find(false).durable().seq()).isEqualTo(1);
        assertThat(store.delete(ObjectNames.ARCHIVE_INFO)).isNotNull();
        assertThatThrownBy(() -> find(false)).isInstanceOf(SidecarException.CorruptArchive.class);
    }

    @Test
    void theArchiveOfAnotherIsRefusedAndClaimedOnlyWhenAsked() throws IOException {
        try (TestArchive archive = archive()) {
            assertThatThrownBy(() -> find(false)).isInstanceOf(SidecarException.Fenced.class);
            LogStart start = find(true);
            assertThat(start.isClaimNeeded()).isTrue();
            assertThat(start.end().digest()).isEqualTo(archive.digest(2));
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
        assertThat(find(true).isClaimNeeded()).isTrue();
    }

    @Test
    void aRestoredDatabaseGoesOnWithAClaimAtTheLogsEnd() throws IOException {
        try (TestArchive archive = archive()) {
            restoredAt(archive, 2);
            LogStart start = find(false);
            assertThat(start.isClaimNeeded()).isTrue();
            assertThat(start.known()).isPresent();
            assertThat(start.end().seq()).isEqualTo(2);
        }
    }

    @Test
    void aClaimThatDiedWithItsProcessIsMadeAgain() throws IOException {
        try (TestArchive archive = archive()) {
            restoredAt(archive, 2);
            LogStart first = find(false);
            LogStart second = find(false);
            assertThat(second.identity()).isEqualTo(first.identity());
            assertThat(second.isClaimNeeded()).isTrue();
            write(second, 1, 0);
            LogStart third = find(false);
            assertThat(third.isClaimNeeded()).isFalse();
            assertThat(third.end().seq()).isEqualTo(3);
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
            assertThat(start.isClaimNeeded()).isTrue();
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
                                    elsewhere, state, spool, options(false), Timekeeper.system()))
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
                            new ArchiveId(3, 4),
                            new WriterId(9),
                            folder.resolve("app.db"),
                            "memory"));
        }
        try (TestArchive archive = new TestArchive(store, 6, PAGE_SIZE, Codec.ZSTD)) {
            LogStart start = find(false);
            assertThat(start.identity().archive()).isEqualTo(archive.info().id());
            assertThat(start.isClaimNeeded()).isFalse();
        }
    }
}
