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

/// The log has lost its end, or all of it, and snapshots tell of it; or something in its midst,
/// which what follows tells of. What is left can be restored by its number; restore, status,
/// history and verify say the same of it; nobody takes the last that is left for the newest.
final class LostSegmentsTest {
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
        archive(archive -> {
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
        });
    }

    /// What is in the archive of a test.
    private interface Content {
        void writeTo(TestArchive archive) throws IOException;
    }

    private void archive(Content content) throws IOException {
        InMemoryObjectStore store = new InMemoryObjectStore();
        try (TestArchive archive = new TestArchive(store, SEED, new PageSize(512), Codec.ZSTD)) {
            content.writeTo(archive);
            databases.clear();
            for (long tx = 1; tx <= archive.lastTx(); tx++) {
                databases.add(archive.database(tx));
            }
            lastSeq = archive.lastSeq();
        }
        whole = StoredObjects.of(store);
    }

    private static void beginHistory(TestArchive archive) throws IOException {
        archive.rebase(
                archive.lastTx() == 0 ? RebaseReason.FIRST : RebaseReason.CONTINUITY_LOST, 5);
        archive.ship();
        archive.snapshot();
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

    private ObjectStore holeAt(long seq) throws IOException {
        return whole.without(ObjectNames.log(seq)).store();
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
            assertStatus(status, restorable, what);
            assertThat(told.isPresent()).as(what).isEqualTo(isCutOff);
            assertThat(status.loss().isPresent()).as(what).isEqualTo(isCutOff);
            if (isCutOff) {
                assertNamed(ObjectNames.log(end + 1), restorable, told.orElseThrow());
                assertNamed(ObjectNames.log(end + 1), restorable, status.loss().orElseThrow());
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
    void whatLiesBeforeAHoleIsRestoredAsIfTheLogEndedThere() throws IOException {
        for (long hole = 1; hole < lastSeq; hole++) {
            SortedSet<Long> restorable = restorable(holeAt(hole));
            SortedSet<Long> before = restorable(cutAfter(hole - 1));
            long next = before.isEmpty() ? 1 : before.last() + 1;

            assertThat(restorable.headSet(next)).as("a hole at segment %d", hole).isEqualTo(before);
        }
    }

    @Test
    void allSayTheSameOfWhatIsLeftAroundAHole() throws IOException {
        for (long hole = 1; hole < lastSeq; hole++) {
            assertSameIsSaid(hole);
        }
    }

    private void assertSameIsSaid(long hole) throws IOException {
        ObjectStore store = holeAt(hole);
        String what = "a hole at segment " + hole;
        SortedSet<Long> restorable = restorable(store);
        boolean isNewestLost = !restorable.contains((long) databases.size());
        List<HistoryEntry> entries = new ArrayList<>();

        assertThat(historyTo(store, HistoryQuery.ALL, entries)).as(what).isPresent();
        assertThat(restorable).as(what).containsAll(calledRestorable(entries));
        ArchiveStatus status = ArchiveStatus.read(store, Restores.CLOCK);
        assertStatus(status, restorable, what);
        assertThat(status.loss().isPresent()).as(what).isEqualTo(isNewestLost);
        if (isNewestLost) {
            assertNamed(ObjectNames.log(hole), restorable, status.loss().orElseThrow());
            assertRefused(store, hole, restorable);
        }
    }

    private void assertRefused(ObjectStore store, long hole, SortedSet<Long> restorable) {
        CorruptArchive refused =
                catchThrowableOfType(
                        CorruptArchive.class,
                        () -> Restores.bytes(store, new Target.Latest(), folder));
        assertThat(refused).as("a hole at segment %d", hole).isNotNull();
        assertNamed(ObjectNames.log(hole), restorable, refused);
    }

    /// Its snapshot and its commits are there.
    @Test
    void theBaseOfTheLastHistoryIsMissing() throws IOException {
        archive(archive -> {
            beginHistory(archive);
            commits(archive, 1);
            beginHistory(archive);
            commits(archive, 2);
        });
        assertSameIsSaid(3);
    }

    /// A claim's header tells of transactions whose own segments are missing.
    @Test
    void theLastRecordsAreMissingAndOnlyClaimsFollow() throws IOException {
        archive(archive -> {
            beginHistory(archive);
            commits(archive, 2);
            archive.claim();
            archive.ship();
        });
        assertSameIsSaid(3);
    }

    /// The first snapshot ends with it, so nothing before it can be restored.
    @Test
    void theClaimThatTheFirstSnapshotEndsWithIsMissing() throws IOException {
        archive(archive -> {
            archive.rebase(RebaseReason.FIRST, 5);
            archive.ship();
            archive.claim();
            archive.ship();
            archive.snapshot();
            commits(archive, 1);
        });
        assertSameIsSaid(2);
    }

    /// The archive does not end there: nobody may go on from there.
    @Test
    void theNewestIsRestoredByItsNumberThoughAClaimBehindItIsMissing() throws IOException {
        archive(archive -> {
            beginHistory(archive);
            commits(archive, 1);
            for (int i = 0; i < 3; i++) {
                archive.claim();
                archive.ship();
            }
        });
        RestoreOutcome restored =
                Restores.from(holeAt(4))
                        .restore(RestoreRequest.of(new Target.AtTx(3), folder.resolve("out.db")));

        assertThat(restored)
                .isInstanceOfSatisfying(
                        RestoreOutcome.Restored.class,
                        it -> assertThat(it.plan().isNewest()).isFalse());
        assertThat(Restores.namesIn(folder)).containsExactly("out.db");
        assertRefused(holeAt(4), 4, restorable(cutAfter(2)));
    }

    @Test
    void verifyNamesTheFirstObjectThatIsMissing() throws IOException {
        for (long end = 0; end < neededSeq; end++) {
            assertThat(findings(cutAfter(end)))
                    .extracting(Finding::object)
                    .contains(ObjectNames.log(end + 1));
        }
    }

    /// Be it that a snapshot needs it, too.
    @Test
    void verifyNamesWhatIsMissingOnce() throws IOException {
        for (long hole = 1; hole < lastSeq; hole++) {
            assertThat(findings(holeAt(hole)))
                    .filteredOn(Finding::object, ObjectNames.log(hole))
                    .as("a hole at segment %d", hole)
                    .hasSize(1);
        }
    }

    private static List<Finding> findings(ObjectStore store) {
        return new Verifier(store, VerifyProgress.NONE, new CountDownLatch(1)).verify().findings();
    }

    private static void assertStatus(
            ArchiveStatus status, SortedSet<Long> restorable, String what) {
        assertThat(status.newestRestorable().map(RestorePoint::tx).orElse(0L))
                .as(what)
                .isEqualTo(restorable.isEmpty() ? 0L : restorable.last());
        assertThat(status.oldestRestorable().map(RestorePoint::tx).orElse(0L))
                .as(what)
                .isEqualTo(restorable.isEmpty() ? 0L : restorable.first());
        assertThat(status.newestSnapshot().isPresent()).isEqualTo(!restorable.isEmpty());
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
