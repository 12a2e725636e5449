package dev.holdfast.restore.heal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.SidecarException.CorruptArchive;
import dev.holdfast.restore.StoredObjects;
import dev.holdfast.restore.verify.Finding;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.OpenOutcome;
import dev.holdfast.storage.archive.TestArchive;
import dev.holdfast.storage.copies.DiscardingStore;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;

/// Whose `archive.json` a log without one gets: that of its own archive, and no other's.
final class CopyHealerTest {
    private static final String HEAD = ObjectNames.ARCHIVE_INFO;
    private static final String FIRST = ObjectNames.log(1);

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);
    private StoredObjects good = new StoredObjects(Map.of());

    @BeforeEach
    void write() throws IOException {
        System.getLogger(getClass().getName()).log(System.Logger.Level.INFO, "seed=" + seed);
        good = StoredObjects.ofEverything(seed, Codec.ZSTD);
    }

    private static HealReport heal(StoredObjects from, ObjectStore to) throws Exception {
        if (Archive.open(from.store()) instanceof OpenOutcome.Found(Archive archive)) {
            return new CopyHealer(archive, to, (_, _, _) -> {}, new CountDownLatch(1)).heal();
        }
        throw new AssertionError("no archive");
    }

    /// Both dry and real.
    private static void assertRefuses(StoredObjects from, StoredObjects copy, String because)
            throws Exception {
        InMemoryObjectStore to = copy.store();
        for (ObjectStore each : List.of(new DiscardingStore(to), to)) {
            assertThatThrownBy(() -> heal(from, each))
                    .isInstanceOf(CorruptArchive.class)
                    .hasMessageContaining(because);
            assertThat(StoredObjects.of(to).names()).isEqualTo(copy.names());
        }
    }

    @Test
    void whatIsMissingBesidesIsCreatedToo() throws Exception {
        for (int round = 0; round < 20; round++) {
            StoredObjects rest = good.without(HEAD);
            for (String name : rest.names()) {
                if (!name.equals(FIRST) && random.nextInt(3) == 0) {
                    rest = rest.without(name);
                }
            }
            InMemoryObjectStore copy = rest.store();
            HealReport planned = heal(good, new DiscardingStore(copy));
            assertThat(StoredObjects.of(copy).names()).isEqualTo(rest.names());
            HealReport report = heal(good, copy);
            assertThat(report).isEqualTo(planned);
            assertThat(report.isWhole()).isTrue();
            assertThat(report.objects()).isPositive();
            StoredObjects healed = StoredObjects.of(copy);
            assertThat(healed.names()).containsAll(rest.names());
            assertThat(healed.get(HEAD)).isEqualTo(good.get(HEAD));
            assertThat(heal(good, copy)).isEqualTo(new HealReport(0, 0, List.of(), List.of()));
        }
    }

    @Test
    void anEmptyPlaceGetsAllAndEachIsCounted() throws Exception {
        InMemoryObjectStore copy = new InMemoryObjectStore();
        HealReport report = heal(good, copy);
        assertThat(report.isWhole()).isTrue();
        assertThat(report.objects()).isEqualTo(StoredObjects.of(copy).names().size());
    }

    @Test
    void theLogOfAnotherArchiveIsRefused() throws Exception {
        StoredObjects foreign = StoredObjects.ofEverything(seed + 1, Codec.ZSTD).without(HEAD);
        assertRefuses(good, foreign, "archive id");
    }

    /// With the same id, and whole by itself.
    @Test
    void aLogThatBeginsWithAnotherArchiveInfoIsRefused() throws Exception {
        ArchiveInfo info = ArchiveInfo.parse(good.get(HEAD));
        StoredObjects forged =
                good.with(HEAD, new ArchiveInfo(info.id(), info.createdMicros() + 1).toBytes());
        assertRefuses(forged, good.without(HEAD), "archive.json");
    }

    @Test
    void aLogWithoutItsBeginningIsRefused() throws Exception {
        assertRefuses(good, good.without(HEAD).without(FIRST), FIRST);
    }

    /// Nobody can tell of which log it is.
    @Test
    void whatLiesBehindAGapThatCannotBeFilledGetsNoHead() throws Exception {
        List<String> log =
                good.names().stream().filter(name -> name.startsWith(ObjectNames.LOG)).toList();
        String gap = log.get(log.size() - 2);
        StoredObjects shorter = good.without(gap).without(log.getLast());
        StoredObjects rest = good.without(HEAD).without(gap);
        InMemoryObjectStore copy = rest.store();
        HealReport report = heal(shorter, copy);
        assertThat(report.isWhole()).isFalse();
        assertThat(report.objects()).isZero();
        assertThat(report.unavailable()).extracting(Finding::object).contains(HEAD);
        assertThat(StoredObjects.of(copy).names()).isEqualTo(rest.names());
    }

    /// Each bit of the first segment counts: header, body and digest.
    @Test
    void aDamagedBeginningIsRefused() throws Exception {
        ByteBuffer first = ByteBuffer.wrap(good.get(FIRST));
        int bytes = (int) SegmentHeader.readFrom(first, FIRST, 0).storedLength();
        for (int round = 0; round < 100; round++) {
            StoredObjects damaged = good.withFlippedBit(FIRST, random.nextInt(8 * bytes));
            assertRefuses(good, damaged.without(HEAD), FIRST);
        }
    }

    @Test
    void nothingIsCreatedBesideDamage() throws Exception {
        String last =
                good.names().stream()
                        .filter(name -> name.startsWith(ObjectNames.LOG))
                        .reduce((_, name) -> name)
                        .orElseThrow();
        StoredObjects damaged =
                good.without(HEAD).withFlippedBit(last, random.nextInt(8 * good.get(last).length));
        InMemoryObjectStore copy = damaged.store();
        HealReport report = heal(good, copy);
        assertThat(report.objects()).isZero();
        assertThat(report.left()).extracting(Finding::object).containsExactly(last);
        assertThat(report.unavailable()).extracting(Finding::object).contains(HEAD);
        assertThat(StoredObjects.of(copy).names()).isEqualTo(damaged.names());
        assertThat(copy.delete(last)).isNotNull();
        assertThat(heal(good, copy).isWhole()).isTrue();
    }

    /// Both begin with the same segment; each end may be the longer one, or both are as long.
    @Test
    void aLogThatGoesOnOtherwiseIsRefused() throws Exception {
        InMemoryObjectStore first = new InMemoryObjectStore();
        InMemoryObjectStore second = new InMemoryObjectStore();
        try (TestArchive a = new TestArchive(first, seed, new PageSize(512), Codec.ZSTD);
                TestArchive b = new TestArchive(second, seed, new PageSize(512), Codec.ZSTD)) {
            for (TestArchive each : List.of(a, b)) {
                each.rebase(RebaseReason.FIRST, 3);
                each.ship();
            }
            StoredObjects beginning = StoredObjects.of(first);
            a.commits(1);
            a.ship();
            b.commits(2);
            b.ship();
            StoredObjects one = StoredObjects.of(first);
            StoredObjects other = StoredObjects.of(second);
            assertThat(other.get(FIRST)).isEqualTo(one.get(FIRST)).isEqualTo(beginning.get(FIRST));
            assertRefuses(one, other.without(HEAD), "segment 2");
            assertRefuses(other, one.without(HEAD), "segment 2");
            assertThat(heal(one, beginning.without(HEAD).store()).isWhole()).isTrue();
            assertThat(heal(beginning, one.without(HEAD).store()).isWhole()).isTrue();
            a.commits(1);
            a.ship();
            assertRefuses(StoredObjects.of(first), other.without(HEAD), "different logs");
            assertRefuses(other, StoredObjects.of(first).without(HEAD), "segment 2");
        }
    }
}
