package dev.holdfast.restore.heal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.restore.StoredObjects;
import dev.holdfast.restore.verify.Finding;
import dev.holdfast.restore.verify.Verdict;
import dev.holdfast.restore.verify.Verifier;
import dev.holdfast.restore.verify.VerifyProgress;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.OpenOutcome;
import dev.holdfast.storage.archive.TestArchive;
import dev.holdfast.storage.copies.DiscardingStore;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;

/// One copy is whole; the other gets what it lacks, and nothing that is there is touched.
final class HealerTest {
    private final long seed = Long.getLong("seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);
    private final CountDownLatch stop = new CountDownLatch(1);
    private StoredObjects good = new StoredObjects(Map.of());

    @BeforeEach
    void write() throws IOException {
        System.getLogger(getClass().getName()).log(System.Logger.Level.INFO, "seed=" + seed);
        good = StoredObjects.ofEverything(seed, Codec.ZSTD);
    }

    private static Archive open(ObjectStore store) throws Exception {
        if (Archive.open(store) instanceof OpenOutcome.Found(Archive archive)) {
            return archive;
        }
        throw new AssertionError("no archive");
    }

    private HealReport heal(ObjectStore from, ObjectStore to) throws Exception {
        return new Healer(open(from), open(to), (_, _, _) -> {}, stop).heal();
    }

    private static Verdict verdict(ObjectStore store) {
        return new Verifier(store, VerifyProgress.NONE, new CountDownLatch(1)).verify().verdict();
    }

    private static void assertUntouched(StoredObjects before, ObjectStore store)
            throws IOException {
        StoredObjects after = StoredObjects.of(store);
        assertThat(after.names()).containsAll(before.names());
        for (String name : before.names()) {
            assertThat(after.get(name)).as(name).isEqualTo(before.get(name));
        }
    }

    @Test
    void aWholeCopyIsLeftAsItIs() throws Exception {
        InMemoryObjectStore copy = good.store();
        HealReport report = heal(good.store(), copy);
        assertThat(report.isWhole()).isTrue();
        assertThat(report.objects()).isZero();
        assertThat(StoredObjects.of(copy).names()).isEqualTo(good.names());
    }

    @Test
    void whateverIsMissingIsCreated() throws Exception {
        for (int round = 0; round < 50; round++) {
            StoredObjects rest = good;
            int missing = 0;
            for (String name : good.names()) {
                if (!name.equals(ObjectNames.ARCHIVE_INFO) && random.nextInt(3) == 0) {
                    rest = rest.without(name);
                    missing++;
                }
            }
            InMemoryObjectStore copy = rest.store();
            HealReport report = heal(good.store(), copy);
            assertThat(report.isWhole()).as("%s", rest.names()).isTrue();
            assertThat(report.objects() > 0).isEqualTo(missing > 0);
            assertThat(verdict(copy)).as("%s", rest.names()).isEqualTo(new Verdict.Good());
            assertUntouched(rest, copy);
            assertThat(heal(good.store(), copy).objects()).isZero();
        }
    }

    @Test
    void whatIsDamagedIsToldAndStaysAndIsCreatedOnceItIsRemoved() throws Exception {
        for (String name : good.names()) {
            if (name.equals(ObjectNames.ARCHIVE_INFO)) {
                continue;
            }
            StoredObjects damaged =
                    good.withFlippedBit(name, random.nextInt(8 * good.get(name).length));
            InMemoryObjectStore copy = damaged.store();
            HealReport report = heal(good.store(), copy);
            assertThat(report.left()).extracting(Finding::object).containsExactly(name);
            assertUntouched(damaged, copy);
            assertThat(copy.delete(name)).isNotNull();
            assertThat(heal(good.store(), copy).isWhole()).as(name).isTrue();
            assertThat(verdict(copy)).as(name).isEqualTo(new Verdict.Good());
        }
    }

    @Test
    void nothingDamagedIsCopied() throws Exception {
        for (String name : good.names()) {
            if (name.equals(ObjectNames.ARCHIVE_INFO)) {
                continue;
            }
            StoredObjects damaged =
                    good.withFlippedBit(name, random.nextInt(8 * good.get(name).length));
            InMemoryObjectStore copy = good.without(name).store();
            HealReport report = heal(damaged.store(), copy);
            assertThat(report.isWhole()).as(name).isFalse();
            assertThat(report.unavailable()).as(name).isNotEmpty();
            assertThat(StoredObjects.of(copy).names()).doesNotContain(name);
            assertUntouched(good.without(name), copy);
        }
    }

    @Test
    void aDryRunSaysTheSameAndCreatesNothing() throws Exception {
        StoredObjects rest = good;
        for (String name : good.names()) {
            if (!name.equals(ObjectNames.ARCHIVE_INFO) && random.nextBoolean()) {
                rest = rest.without(name);
            }
        }
        InMemoryObjectStore copy = rest.store();
        HealReport planned = heal(good.store(), new DiscardingStore(copy));
        assertThat(StoredObjects.of(copy).names()).isEqualTo(rest.names());
        assertThat(heal(good.store(), copy)).isEqualTo(planned);
    }

    @Test
    void copiesWithDifferentLogsAreNotMixed() throws Exception {
        InMemoryObjectStore first = new InMemoryObjectStore();
        InMemoryObjectStore second = new InMemoryObjectStore();
        try (TestArchive a = new TestArchive(first, seed, new PageSize(512), Codec.ZSTD);
                TestArchive b = new TestArchive(second, seed, new PageSize(512), Codec.ZSTD)) {
            for (TestArchive each : new TestArchive[] {a, b}) {
                each.rebase(RebaseReason.FIRST, 3);
                each.commits(1);
                each.ship();
            }
            a.commits(1);
            a.ship();
            b.commits(2);
            b.ship();
            b.commits(1);
            b.ship();
        }
        StoredObjects gap = StoredObjects.of(second).without(ObjectNames.log(1));
        InMemoryObjectStore copy = StoredObjects.of(second).without(ObjectNames.log(3)).store();
        assertThatThrownBy(() -> heal(first, copy))
                .isInstanceOf(SidecarException.CorruptArchive.class)
                .hasMessageContaining("different logs");
        assertThat(StoredObjects.of(copy).names()).doesNotContain(ObjectNames.log(3));
        assertThat(heal(first, gap.store()).isWhole()).isTrue(); // they agree so far
    }

    @Test
    void itEndsWhenItIsTold() throws Exception {
        stop.countDown();
        assertThatThrownBy(() -> heal(good.store(), good.store()))
                .isInstanceOf(InterruptedIOException.class);
    }
}
