package dev.holdfast.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.SidecarException.CorruptArchive;
import dev.holdfast.format.failure.SidecarException.LocalFiles;
import dev.holdfast.format.failure.SidecarException.NoSuchPoint;
import dev.holdfast.format.failure.SidecarException.StorageUnavailable;
import dev.holdfast.storage.Fault;
import dev.holdfast.storage.FaultyObjectStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.TestArchive;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

final class RestoreTest {
    private static final long SEED = Long.getLong("seed", 1);

    /// A bit of a segment's header that may be anything.
    private static final int OF_A_WRITER_ID = 8 * 64;

    @TempDir private Path folder;

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    private Path out() {
        return folder.resolve("out.db");
    }

    private TestArchive everything(Codec codec) throws IOException {
        return TestArchive.ofEverything(store, SEED, new PageSize(512), codec);
    }

    @ParameterizedTest
    @CsvSource({"ZSTD,512", "ZSTD,4096", "ZSTD,65536", "LZ4,512", "LZ4,65536"})
    void everyTransactionIsRestoredAsItWas(Codec codec, int pageSize) throws IOException {
        try (TestArchive archive =
                TestArchive.ofEverything(store, SEED, new PageSize(pageSize), codec)) {
            for (long tx = 1; tx <= archive.lastTx(); tx++) {
                assertThat(Restores.bytes(store, new Target.AtTx(tx), folder))
                        .as("transaction %d", tx)
                        .isEqualTo(archive.database(tx));
            }
        }
    }

    @Test
    void everyMomentGivesTheTransactionBeforeIt() throws IOException {
        try (TestArchive archive = everything(Codec.ZSTD)) {
            for (long tx = 1; tx <= archive.lastTx(); tx++) {
                long micros = archive.record(tx).micros();
                assertThat(Restores.bytes(store, new Target.AtTime(micros), folder))
                        .as("the time of transaction %d", tx)
                        .isEqualTo(archive.database(tx));
                if (tx > 1 && archive.record(tx).rebase().isEmpty()) {
                    assertThat(Restores.bytes(store, new Target.AtTime(micros - 1), folder))
                            .as("a microsecond before transaction %d", tx)
                            .isEqualTo(archive.database(tx - 1));
                }
            }
        }
    }

    @Test
    void theNewestIsRestoredByDefaultAndAfterTheNewestTime() throws IOException {
        try (TestArchive archive = everything(Codec.ZSTD)) {
            byte[] newest = archive.database(archive.lastTx());
            long later = archive.record(archive.lastTx()).micros() + 1_000_000;
            assertThat(Restores.bytes(store, new Target.Latest(), folder)).isEqualTo(newest);
            assertThat(Restores.bytes(store, new Target.AtTime(later), folder)).isEqualTo(newest);
        }
    }

    @Test
    void theNewestIsFoundWithoutListingWhatLiesBeforeItsSnapshot() throws IOException {
        long ofAShortLog = listingsForTheNewest(2_500);
        assertThat(listingsForTheNewest(7_500)).isEqualTo(ofAShortLog);
    }

    /// @param objects before the snapshot
    private long listingsForTheNewest(int objects) throws IOException {
        InMemoryObjectStore many = new InMemoryObjectStore();
        try (TestArchive archive = new TestArchive(many, SEED, new PageSize(512), Codec.LZ4)) {
            archive.rebase(RebaseReason.FIRST, 2);
            archive.ship();
            for (int i = 0; i < objects; i++) {
                archive.claim(Codec.LZ4);
                archive.ship();
            }
            archive.snapshot();
            archive.claim(Codec.LZ4);
            archive.ship();
            archive.commits(1);
            archive.ship();
            long before = many.requests(InMemoryObjectStore.Request.LIST);
            assertThat(Restores.bytes(many, new Target.Latest(), folder))
                    .isEqualTo(archive.database(archive.lastTx()));
            return many.requests(InMemoryObjectStore.Request.LIST) - before;
        }
    }

    @Test
    void theNewestIsFoundWhereOnlyAClaimFollowsTheSnapshot() throws IOException {
        try (TestArchive archive = new TestArchive(store, SEED, new PageSize(512), Codec.ZSTD)) {
            archive.rebase(RebaseReason.FIRST, 2);
            archive.ship();
            archive.commits(3);
            archive.ship();
            archive.snapshot();
            archive.claim();
            archive.ship();
            assertThat(Restores.bytes(store, new Target.Latest(), folder))
                    .isEqualTo(archive.database(archive.lastTx()));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 3, 4, 5, 6, 7, 8, 9})
    void archivesOfOtherSeedsAreRestoredToo(long seed) throws IOException {
        Codec codec = seed % 2 == 0 ? Codec.LZ4 : Codec.ZSTD;
        try (TestArchive archive =
                TestArchive.ofEverything(store, seed, new PageSize(512), codec)) {
            for (long tx = 1; tx <= archive.lastTx(); tx += 3) {
                assertThat(Restores.bytes(store, new Target.AtTx(tx), folder))
                        .isEqualTo(archive.database(tx));
            }
        }
    }

    @Test
    void aDatabaseWithoutPagesIsAnEmptyFile() throws IOException {
        try (TestArchive archive = new TestArchive(store, SEED, new PageSize(4096), Codec.ZSTD)) {
            archive.rebase(RebaseReason.FIRST, 0);
            archive.ship();
            archive.snapshot();
            assertThat(Restores.bytes(store, new Target.AtTx(1), folder)).isEmpty();
        }
    }

    @Test
    void aTimeInAGapIsRefusedAndBothSidesAreNamed() throws IOException {
        try (TestArchive archive = everything(Codec.ZSTD)) {
            long base = secondBase(archive);
            long before = archive.record(base - 1).micros();
            long inside = (before + archive.record(base).micros()) / 2;
            assertThatThrownBy(() -> Restores.bytes(store, new Target.AtTime(inside), folder))
                    .isInstanceOf(NoSuchPoint.class)
                    .hasMessageContaining("gap")
                    .hasMessageContaining("nearest before it: transaction " + (base - 1) + " (")
                    .hasMessageContaining("nearest after it: transaction " + base + " (");
        }
    }

    /// Its header is whole by its checksum, and only the digest shows that it was changed: what it
    /// says of kind and time may be a lie.
    @Test
    void aGapIsNotBelievedOnTheWordOfADamagedSegment() throws IOException {
        try (TestArchive archive = everything(Codec.ZSTD)) {
            long base = secondBase(archive);
            long before = archive.record(base - 1).micros();
            long inside = (before + archive.record(base).micros()) / 2;
            long seq = 1;
            while (archive.segment(seq).kind() != SegmentHeader.Kind.REBASE
                    || archive.segment(seq).firstTx() != base) {
                seq++;
            }
            StoredObjects whole = StoredObjects.of(store);
            long firstSeq = seq;
            while (!whole.names().contains(ObjectNames.log(firstSeq))) {
                firstSeq--;
            }
            int begin = 0;
            for (long each = firstSeq; each < seq; each++) {
                begin += (int) archive.segment(each).storedLength();
            }
            String object = ObjectNames.log(firstSeq);
            ObjectStore damaged = whole.withLyingHeader(object, begin, OF_A_WRITER_ID).store();
            assertThatThrownBy(() -> Restores.bytes(damaged, new Target.AtTime(inside), folder))
                    .isInstanceOf(CorruptArchive.class)
                    .hasMessageContaining(object);
        }
    }

    private static long secondBase(TestArchive archive) {
        long tx = 2;
        while (archive.record(tx).rebase().isEmpty()) {
            tx++;
        }
        return tx;
    }

    @Test
    void aTargetOutsideTheArchiveIsRefusedAndTheNearestPointIsNamed() throws IOException {
        try (TestArchive archive = everything(Codec.ZSTD)) {
            long last = archive.lastTx();
            refused(new Target.AtTx(last + 1), "nearest before it: transaction " + last);
            refused(new Target.AtTx(0), "nearest after it: transaction 1");
            refused(new Target.AtTime(1), "nearest after it: transaction 1");
            refused(new Target.AtTime(2_000_000_000_000_000L), "in the future");
        }
    }

    private void refused(Target target, String message) {
        assertThatThrownBy(() -> Restores.bytes(store, target, folder))
                .isInstanceOf(NoSuchPoint.class)
                .hasMessageContaining(message);
    }

    @Test
    void aHistoryWithoutSnapshotCannotBeRestored() throws IOException {
        try (TestArchive archive = new TestArchive(store, SEED, new PageSize(512), Codec.ZSTD)) {
            refused(new Target.Latest(), "holds no transaction");
            archive.rebase(RebaseReason.FIRST, 4);
            archive.commits(2);
            archive.ship();
            refused(new Target.Latest(), "before the first snapshot");
            archive.beginSnapshot();
            archive.commits(1);
            archive.endSnapshot();
            archive.commits(1);
            archive.rebase(RebaseReason.DATABASE_REPLACED, 4);
            archive.commits(2);
            archive.ship();
            refused(new Target.AtTx(3), "nearest after it: transaction 4");
            refused(new Target.Latest(), "nearest before it: transaction 5");
            refused(new Target.AtTx(6), "nothing can be restored after it");
            assertThat(Restores.bytes(store, new Target.AtTx(5), folder))
                    .isEqualTo(archive.database(5));
        }
    }

    @Test
    void aPlaceWithoutArchiveSaysSo() {
        refused(new Target.Latest(), "there is no archive");
    }

    @Test
    void anExistingFileIsNeverReplaced() throws IOException {
        try (TestArchive _ = everything(Codec.ZSTD)) {
            Files.writeString(out(), "mine");
            assertThatThrownBy(() -> restore(out()))
                    .isInstanceOf(LocalFiles.class)
                    .hasMessageContaining("exists");
            assertThat(out()).hasContent("mine");
            RestoreRequest ifAbsent = new RestoreRequest(new Target.Latest(), out(), true, false);
            assertThat(Restores.from(store).restore(ifAbsent))
                    .isEqualTo(new RestoreOutcome.AlreadyThere(out()));
            assertThat(Restores.namesIn(folder)).containsExactly("out.db");
        }
    }

    @Test
    void aFolderOrALinkToNowhereIsNoDatabaseThatIsThere() throws IOException {
        try (TestArchive _ = everything(Codec.ZSTD)) {
            Path link = folder.resolve("link.db");
            Files.createSymbolicLink(link, folder.resolve("nowhere.db"));
            for (Path out : List.of(folder, link)) {
                RestoreRequest ifAbsent = new RestoreRequest(new Target.Latest(), out, true, false);
                assertThatThrownBy(() -> Restores.from(store).restore(ifAbsent))
                        .isInstanceOf(LocalFiles.class)
                        .hasMessageContaining("exists");
            }
        }
    }

    @Test
    void aFileThatAppearsMeanwhileIsNotReplaced() throws IOException {
        try (TestArchive _ = everything(Codec.ZSTD)) {
            RestoreProgress intruder =
                    (phase, _, _) -> {
                        if (phase == RestoreProgress.Phase.SYNC) {
                            write(out(), "mine");
                        }
                    };
            Restorer restorer =
                    new Restorer(store, Restores.CLOCK, intruder, new CountDownLatch(1));
            assertThatThrownBy(
                            () -> restorer.restore(RestoreRequest.of(new Target.Latest(), out())))
                    .isInstanceOf(LocalFiles.class);
            assertThat(out()).hasContent("mine");
            assertThat(Restores.namesIn(folder)).containsExactly("out.db");
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-wal", "-shm", "-journal"})
    void aStrayFileOfSqliteIsRefused(String suffix) throws IOException {
        try (TestArchive _ = everything(Codec.ZSTD)) {
            Path stray = Files.createFile(folder.resolve("out.db" + suffix));
            assertThatThrownBy(() -> restore(out()))
                    .isInstanceOf(LocalFiles.class)
                    .hasMessageContaining(stray.toString());
            assertThat(Restores.namesIn(folder)).containsExactly("out.db" + suffix);
        }
    }

    @Test
    void aLinkThatLeadsNowhereCountsAsAFile() throws IOException {
        try (TestArchive _ = everything(Codec.ZSTD)) {
            Files.createSymbolicLink(out(), folder.resolve("nothing"));
            assertThatThrownBy(() -> restore(out())).isInstanceOf(LocalFiles.class);
        }
    }

    @Test
    void aMissingFolderIsNamed() throws IOException {
        try (TestArchive _ = everything(Codec.ZSTD)) {
            Path nowhere = folder.resolve("no/out.db");
            assertThatThrownBy(() -> restore(nowhere))
                    .isInstanceOf(LocalFiles.class)
                    .hasMessageContaining(folder.resolve("no").toString());
        }
    }

    private RestoreOutcome restore(Path file) {
        return Restores.from(store).restore(RestoreRequest.of(new Target.Latest(), file));
    }

    @Test
    void onlyTheOwnerMayReadTheRestoredFile() throws IOException {
        try (TestArchive _ = everything(Codec.ZSTD)) {
            restore(out());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(out())))
                    .isEqualTo("rw-------");
        }
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void aDryRunSaysWhatARestoreWouldFetchAndWritesNothing(Codec codec) throws IOException {
        try (TestArchive archive = everything(codec)) {
            Target target = new Target.AtTx(archive.lastTx());
            RestoreOutcome outcome =
                    Restores.from(store).restore(new RestoreRequest(target, out(), false, true));
            assertThat(outcome).isInstanceOf(RestoreOutcome.Planned.class);
            assertThat(Restores.namesIn(folder)).isEmpty();
            RestorePlan plan = ((RestoreOutcome.Planned) outcome).plan();
            List<Long> done = new ArrayList<>();
            RestoreProgress progress =
                    (_, doneBytes, totalBytes) -> {
                        done.add(doneBytes);
                        assertThat(totalBytes).isEqualTo(plan.totalBytes());
                    };
            new Restorer(store, Restores.CLOCK, progress, new CountDownLatch(1))
                    .restore(RestoreRequest.of(target, out()));
            assertThat(done).isSorted().last().isEqualTo(plan.totalBytes());
        }
    }

    @Test
    void whatIsStoppedLeavesNothing() throws IOException {
        try (TestArchive _ = everything(Codec.ZSTD)) {
            for (RestoreProgress.Phase at : RestoreProgress.Phase.values()) {
                CountDownLatch stop = new CountDownLatch(1);
                RestoreProgress stopper =
                        (phase, _, _) -> {
                            if (phase == at) {
                                stop.countDown();
                            }
                        };
                Restorer restorer = new Restorer(store, Restores.CLOCK, stopper, stop);
                RestoreOutcome outcome =
                        restorer.restore(RestoreRequest.of(new Target.Latest(), out()));
                if (at == RestoreProgress.Phase.SYNC) {
                    // Too late to stop: nothing is fetched any more.
                    assertThat(outcome).isInstanceOf(RestoreOutcome.Restored.class);
                } else {
                    assertThat(outcome).isEqualTo(new RestoreOutcome.Stopped());
                    assertThat(Restores.namesIn(folder)).isEmpty();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void aStoreThatFailsLeavesNothingOrTheRightDatabase(long seed) throws IOException {
        try (TestArchive archive = everything(Codec.ZSTD)) {
            Map<Fault, Double> faults = Map.of(Fault.BEFORE_EFFECT, 0.03, Fault.SHORT_READ, 0.03);
            FaultyObjectStore faulty = new FaultyObjectStore(store, seed, faults, _ -> {});
            try {
                assertThat(Restores.bytes(faulty, new Target.Latest(), folder))
                        .isEqualTo(archive.database(archive.lastTx()));
            } catch (StorageUnavailable _) {
                assertThat(faulty.injected()).isNotEmpty();
            }
            assertThat(Restores.namesIn(folder)).isEmpty();
        }
    }
}
