package dev.holdfast.restore.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.Codec;
import dev.holdfast.format.Micros;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.failure.SidecarException.NoSuchPoint;
import dev.holdfast.restore.RestorePoint;
import dev.holdfast.restore.RestoreRequest;
import dev.holdfast.restore.Restores;
import dev.holdfast.restore.Target;
import dev.holdfast.storage.ForwardingStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.archive.TestArchive;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

final class HistoryTest {
    private static final long SEED = Long.getLong("seed", 1);

    @TempDir private Path folder;

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    private List<HistoryEntry> read(HistoryQuery query) {
        List<HistoryEntry> entries = new ArrayList<>();
        History.read(store, query, entries::add);
        return entries;
    }

    private TestArchive everything(Codec codec) throws IOException {
        return TestArchive.ofEverything(store, SEED, new PageSize(512), codec);
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void everyTransactionIsToldAsItWas(Codec codec) throws IOException {
        try (TestArchive archive = everything(codec)) {
            long tx = 0;
            for (HistoryEntry entry : read(HistoryQuery.ALL)) {
                switch (entry) {
                    case HistoryEntry.Commit commit -> {
                        tx++;
                        assertThat(commit.tx()).isEqualTo(tx);
                        assertThat(commit.micros()).isEqualTo(archive.record(tx).micros());
                        assertThat(commit.pages()).isEqualTo(archive.record(tx).pageCount());
                        assertThat(commit.storedBytes()).isPositive();
                        assertThat(archive.segment(commit.seq()).firstTx()).isLessThanOrEqualTo(tx);
                    }
                    case HistoryEntry.Base base -> {
                        tx++;
                        assertThat(base.tx()).isEqualTo(tx);
                        assertThat(base.reason())
                                .isEqualTo(archive.record(tx).rebase().orElseThrow());
                        assertThat(base.isGap()).isEqualTo(tx > 1);
                    }
                    case HistoryEntry.Claim claim ->
                            assertThat(claim.writer())
                                    .isEqualTo(archive.segment(claim.seq()).writer());
                    case HistoryEntry.Snapshot snapshot -> assertThat(snapshot.tx()).isEqualTo(tx);
                }
            }
            assertThat(tx).isEqualTo(archive.lastTx());
        }
    }

    @Test
    void interruptionsClaimsAndSnapshotsAreTold() throws IOException {
        try (TestArchive _ = everything(Codec.ZSTD)) {
            List<HistoryEntry> entries = read(HistoryQuery.ALL);
            assertThat(entries).filteredOn(HistoryEntry.Base.class::isInstance).hasSize(2);
            assertThat(entries).filteredOn(HistoryEntry.Claim.class::isInstance).hasSize(1);
            assertThat(entries).filteredOn(HistoryEntry.Snapshot.class::isInstance).hasSize(3);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void exactlyWhatIsCalledRestorableCanBeRestored(long seed) throws IOException {
        try (TestArchive archive = new TestArchive(store, seed, new PageSize(512), Codec.ZSTD)) {
            archive.rebase(RebaseReason.FIRST, 6);
            archive.commits(2);
            archive.beginSnapshot();
            archive.commits(3);
            archive.endSnapshot();
            archive.commits(2);
            archive.ship();
            archive.rebase(RebaseReason.CONTINUITY_LOST, 5);
            archive.commits(2);
            archive.claim();
            archive.snapshot();
            archive.commits(1);
            archive.rebase(RebaseReason.DATABASE_REPLACED, 5);
            archive.commits(1);
            archive.ship();
            for (HistoryEntry entry : read(HistoryQuery.ALL)) {
                switch (entry) {
                    case HistoryEntry.Commit commit ->
                            assertThat(commit.isRestorable())
                                    .as("transaction %d", commit.tx())
                                    .isEqualTo(isRestorable(commit.tx()));
                    case HistoryEntry.Base base ->
                            assertThat(base.isRestorable())
                                    .as("transaction %d", base.tx())
                                    .isEqualTo(isRestorable(base.tx()));
                    case HistoryEntry.Claim _, HistoryEntry.Snapshot _ -> {}
                }
            }
        }
    }

    private boolean isRestorable(long tx) throws IOException {
        Path out = folder.resolve(tx + ".db");
        try {
            Restores.from(store).restore(RestoreRequest.of(new Target.AtTx(tx), out));
            return true;
        } catch (NoSuchPoint _) {
            return false;
        }
    }

    @Test
    void sinceUntilAndLimitChooseFromTheWhole() throws IOException {
        try (TestArchive _ = everything(Codec.ZSTD)) {
            List<HistoryEntry> all = read(HistoryQuery.ALL);
            for (HistoryEntry from : all) {
                for (HistoryEntry to : all) {
                    for (int limit : new int[] {1, 4, 1_000}) {
                        HistoryQuery query =
                                new HistoryQuery(from.micros(), to.micros(), OptionalInt.of(limit));
                        List<HistoryEntry> included = all.stream().filter(query::includes).toList();
                        int first = Math.max(0, included.size() - limit);
                        assertThat(read(query))
                                .as("%s", query)
                                .isEqualTo(included.subList(first, included.size()));
                    }
                }
            }
        }
    }

    @Test
    void theStatusSaysWhatIsDurableAndWhatCanBeRestored() throws IOException {
        try (TestArchive archive = everything(Codec.ZSTD)) {
            archive.claim();
            archive.ship();
            long lastMicros = archive.record(archive.lastTx()).micros();
            InstantSource later = InstantSource.fixed(Micros.toInstant(lastMicros).plusSeconds(60));
            ArchiveStatus status = ArchiveStatus.read(store, later);
            RestorePoint last = new RestorePoint(archive.lastTx(), lastMicros);
            assertThat(status.info()).isEqualTo(archive.info());
            assertThat(status.last())
                    .hasValue(new ArchiveStatus.Dated(last, Duration.ofMinutes(1)));
            assertThat(status.durable()).isEqualTo(status.last());
            assertThat(status.lastSeq()).isEqualTo(archive.lastSeq());
            assertThat(status.lastWriter()).hasValue(archive.segment(archive.lastSeq()).writer());
            assertThat(status.snapshotCount()).isEqualTo(3);
            assertThat(status.logObjectCount()).isEqualTo(6);
            assertThat(status.oldestRestorable().orElseThrow().tx()).isEqualTo(1);
            assertThat(status.newestRestorable()).hasValue(last);
        }
    }

    @Test
    void allAgesInAStatusAreOfOneMoment() throws IOException {
        try (TestArchive archive = everything(Codec.ZSTD)) {
            long lastMicros = archive.record(archive.lastTx()).micros();
            Iterator<Long> seconds = Stream.iterate(60L, it -> it + 1).iterator();
            ArchiveStatus status =
                    ArchiveStatus.read(
                            store, () -> Micros.toInstant(lastMicros).plusSeconds(seconds.next()));
            assertThat(status.durable()).isPresent().isEqualTo(status.last());
        }
    }

    @Test
    void nothingIsDurableBeforeTheFirstSnapshotOfAHistory() throws IOException {
        try (TestArchive archive = new TestArchive(store, SEED, new PageSize(512), Codec.ZSTD)) {
            assertThat(ArchiveStatus.read(store, Restores.CLOCK).last()).isEmpty();
            archive.rebase(RebaseReason.FIRST, 3);
            archive.ship();
            ArchiveStatus status = ArchiveStatus.read(store, Restores.CLOCK);
            assertThat(status.last()).isPresent();
            assertThat(status.durable()).isEmpty();
            assertThat(status.newestSnapshot()).isEmpty();
            assertThat(status.newestRestorable()).isEmpty();

            archive.snapshot();
            archive.commits(2);
            archive.rebase(RebaseReason.CONTINUITY_LOST, 3);
            archive.ship();
            status = ArchiveStatus.read(store, Restores.CLOCK);
            assertThat(status.last().orElseThrow().point().tx()).isEqualTo(4);
            assertThat(status.durable().orElseThrow().point().tx()).isEqualTo(3);
        }
    }

    /// Right after the log was listed: what comes then is in none of its answers.
    @Test
    void theStatusIsOfOneMomentWhileAWriterGoesOn() throws IOException {
        try (TestArchive archive = everything(Codec.ZSTD)) {
            long lastTx = archive.lastTx();
            ArchiveStatus status =
                    ArchiveStatus.read(
                            new ForwardingStore(store) {
                                private boolean isListed;

                                @Override
                                public ListPage list(
                                        String prefix, @Nullable String startAfter, int limit)
                                        throws IOException {
                                    ListPage page = super.list(prefix, startAfter, limit);
                                    if (!isListed && prefix.equals(ObjectNames.LOG)) {
                                        isListed = true;
                                        archive.commits(3);
                                        archive.ship();
                                    }
                                    return page;
                                }
                            },
                            Restores.CLOCK);
            assertThat(archive.lastTx()).isEqualTo(lastTx + 3);
            assertThat(status.last().orElseThrow().point().tx()).isEqualTo(lastTx);
            assertThat(status.durable()).isEqualTo(status.last());
            assertThat(status.newestRestorable())
                    .isEqualTo(status.durable().map(ArchiveStatus.Dated::point));
        }
    }
}
