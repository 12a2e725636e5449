package dev.holdfast.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.format.failure.SidecarException.CorruptArchive;
import dev.holdfast.restore.history.ArchiveStatus;
import dev.holdfast.restore.history.History;
import dev.holdfast.restore.history.HistoryEntry;
import dev.holdfast.restore.history.HistoryQuery;
import dev.holdfast.restore.verify.Finding;
import dev.holdfast.restore.verify.Verifier;
import dev.holdfast.restore.verify.VerifyProgress;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.TestArchive;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;

/// The log has lost its end, or all of it, and snapshots tell of it. What is left can be restored
/// by its number; restore, status, history and verify say the same of it; nobody takes the last
/// that is left for the newest.
final class CutOffLogTest {
    private static final long SEED = Long.getLong("seed", 1);

    @TempDir private Path folder;

    private StoredObjects whole = new StoredObjects(Map.of());
    private final List<byte[]> databases = new ArrayList<>();
    private long lastSeq;

    /// Where the last snapshot says that the log went.
    private long neededSeq;

    /// Every segment is an object, so that the log can be cut anywhere; one of the snapshots ends
    /// with a claim, so that only a claim of it may be missing.
    @BeforeEach
    void write() throws IOException {
        InMemoryObjectStore store = new InMemoryObjectStore();
        try (TestArchive archive = new TestArchive(store, SEED, new PageSize(512), Codec.ZSTD)) {
            archive.rebase(RebaseReason.FIRST, 5);
            archive.ship();
            commits(archive, 2);
            archive.beginSnapshot();
            commits(archive, 2);
            archive.endSnapshot();
            commits(archive, 1);
            archive.beginSnapshot();
            commits(archive, 1);
            archive.claim();
            archive.ship();
            archive.endSnapshot();
            commits(archive, 2);
            archive.rebase(RebaseReason.CONTINUITY_LOST, 4);
            archive.ship();
            archive.snapshot();
            commits(archive, 1);
            archive.snapshot();
            neededSeq = archive.lastSeq();
            commits(archive, 2);
            for (long tx = 1; tx <= archive.lastTx(); tx++) {
                databases.add(archive.database(tx));
            }
            lastSeq = archive.lastSeq();
        }
        whole = StoredObjects.of(store);
    }

    private static void commits(TestArchive archive, int segments) throws IOException {
        for (int i = 0; i < segments; i++) {
            archive.commits(2);
            archive.ship();
        }
    }

    private ObjectStore cutAfter(long seq) throws IOException {
        StoredObjects left = whole;
        for (long gone = seq + 1; gone <= lastSeq; gone++) {
            left = left.without(ObjectNames.log(gone));
        }
        return left.store();
    }

    @Test
    void whatIsLeftCanBeRestoredAndAllSayTheSameOfIt() throws IOException {
        for (long end = 0; end <= lastSeq; end++) {
            ObjectStore store = cutAfter(end);
            String what = "the log up to segment " + end;
            SortedSet<Long> restorable = restorable(store);
            List<HistoryEntry> entries = new ArrayList<>();
            boolean isCutOff = end < neededSeq;
            Optional<CorruptArchive> told = historyTo(store, HistoryQuery.ALL, entries);
            ArchiveStatus status = ArchiveStatus.read(store, Restores.CLOCK);

            assertThat(calledRestorable(entries)).as(what).isEqualTo(restorable);
            assertThat(status.newestRestorable().map(RestorePoint::tx).orElse(0L))
                    .as(what)
                    .isEqualTo(restorable.isEmpty() ? 0L : restorable.last());
            assertThat(status.oldestRestorable().map(RestorePoint::tx).orElse(0L))
                    .as(what)
                    .isEqualTo(restorable.isEmpty() ? 0L : restorable.first());
            assertThat(status.newestSnapshot().isPresent()).isEqualTo(!restorable.isEmpty());
            assertThat(told.isPresent()).as(what).isEqualTo(isCutOff);
            assertThat(status.cutOff().isPresent()).as(what).isEqualTo(isCutOff);
            if (isCutOff) {
                assertNamed(ObjectNames.log(end + 1), restorable, told.orElseThrow());
                assertNamed(ObjectNames.log(end + 1), restorable, status.cutOff().orElseThrow());
            }
        }
    }

    @Test
    void nobodyTakesTheLastThatIsLeftForTheNewest() throws IOException {
        Target now = new Target.AtTime(Restores.CLOCK.instant().getEpochSecond() * 1_000_000);
        Target behind = new Target.AtTx(databases.size() + 1);
        for (long end = 0; end < neededSeq; end++) {
            ObjectStore store = cutAfter(end);
            for (Target target : List.of(new Target.Latest(), now, behind)) {
                CorruptArchive refused =
                        catchThrowableOfType(
                                CorruptArchive.class, () -> Restores.bytes(store, target, folder));
                assertThat(refused).as("%s up to segment %d", target, end).isNotNull();
                assertNamed(ObjectNames.log(end + 1), restorable(store), refused);
            }
            List<HistoryEntry> newest = new ArrayList<>();
            HistoryQuery limited = new HistoryQuery(0, Long.MAX_VALUE, OptionalInt.of(1));
            assertThat(historyTo(store, limited, newest)).isPresent();
            assertThat(newest).hasSize(end == 0 ? 0 : 1);
        }
    }

    @Test
    void verifyNamesTheFirstObjectThatIsMissing() throws IOException {
        for (long end = 0; end < neededSeq; end++) {
            assertThat(
                            new Verifier(cutAfter(end), VerifyProgress.NONE, new CountDownLatch(1))
                                    .verify()
                                    .findings())
                    .extracting(Finding::object)
                    .contains(ObjectNames.log(end + 1));
        }
    }

    /// A hint that is refused itself would be none.
    private static void assertNamed(String object, SortedSet<Long> left, CorruptArchive error) {
        assertThat(error).hasMessageStartingWith(object).hasMessageContaining("missing");
        if (left.isEmpty()) {
            assertThat(error.remedy()).contains("Fetch the log").doesNotContain("--tx");
        } else {
            assertThat(error.remedy()).contains("--tx " + left.last() + " is its newest");
        }
    }

    private static Optional<CorruptArchive> historyTo(
            ObjectStore store, HistoryQuery query, List<HistoryEntry> entries) {
        return Optional.ofNullable(
                catchThrowableOfType(
                        CorruptArchive.class, () -> History.read(store, query, entries::add)));
    }

    private static SortedSet<Long> calledRestorable(List<HistoryEntry> entries) {
        SortedSet<Long> called = new TreeSet<>();
        for (HistoryEntry entry : entries) {
            switch (entry) {
                case HistoryEntry.Commit commit when commit.isRestorable() ->
                        called.add(commit.tx());
                case HistoryEntry.Base base when base.isRestorable() -> called.add(base.tx());
                case HistoryEntry.Commit _,
                        HistoryEntry.Base _,
                        HistoryEntry.Claim _,
                        HistoryEntry.Snapshot _ -> {}
            }
        }
        return called;
    }

    /// What can be restored, each compared with what it was.
    private SortedSet<Long> restorable(ObjectStore store) throws IOException {
        SortedSet<Long> restorable = new TreeSet<>();
        for (long tx = 1; tx <= databases.size(); tx++) {
            try {
                byte[] restored = Restores.bytes(store, new Target.AtTx(tx), folder);
                assertThat(restored).isEqualTo(databases.get((int) tx - 1));
                restorable.add(tx);
            } catch (SidecarException.CorruptArchive | SidecarException.NoSuchPoint _) {
                assertThat(Restores.namesIn(folder)).isEmpty();
            }
        }
        return restorable;
    }
}
