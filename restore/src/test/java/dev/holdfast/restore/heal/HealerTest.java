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

    /// Of the fork's own snapshot, which is whole, and of a segment that both logs have by number.
    @Test
    void theSnapshotOfAnotherLogIsNeitherSpreadNorCalledWhole() throws Exception {
        InMemoryObjectStore fork = new InMemoryObjectStore();
        InMemoryObjectStore longer = new InMemoryObjectStore();
        String snapshot;
        try (TestArchive a = new TestArchive(fork, seed, new PageSize(512), Codec.ZSTD);
                TestArchive b = new TestArchive(longer, seed, new PageSize(512), Codec.ZSTD)) {
            for (TestArchive each : new TestArchive[] {a, b}) {
                each.rebase(RebaseReason.FIRST, 3);
                each.ship();
                each.snapshot();
            }
            StoredObjects before = StoredObjects.of(fork);
            a.commits(1);
            a.ship();
            a.snapshot();
            b.commits(2);
            b.ship();
            b.commits(1);
            b.ship();
            snapshot =
                    StoredObjects.of(fork).names().stream()
                            .filter(name -> name.startsWith(ObjectNames.SNAPSHOTS))
                            .filter(name -> !before.names().contains(name))
                            .findFirst()
                            .orElseThrow();
        }
        StoredObjects own = StoredObjects.of(longer);
        HealReport report = heal(fork, longer);
        assertThat(report.unavailable()).extracting(Finding::object).containsExactly(snapshot);
        assertThat(StoredObjects.of(longer).names()).isEqualTo(own.names());

        InMemoryObjectStore mixed =
                own.with(snapshot, StoredObjects.of(fork).get(snapshot)).store();
        assertThat(heal(longer, mixed).left())
                .extracting(Finding::object)
                .containsExactly(snapshot);
    }

    @Test
    void anObjectThatReachesIntoTheNextIsTold() throws Exception {
        InMemoryObjectStore first = new InMemoryObjectStore();
        InMemoryObjectStore second = new InMemoryObjectStore();
        try (TestArchive a = new TestArchive(first, seed, new PageSize(512), Codec.ZSTD);
                TestArchive b = new TestArchive(second, seed, new PageSize(512), Codec.ZSTD)) {
            for (TestArchive each : new TestArchive[] {a, b}) {
                each.rebase(RebaseReason.FIRST, 3);
                each.ship();
                each.snapshot();
                each.commits(1);
            }
            a.ship();
            a.commits(1);
            a.ship();
            b.commits(1);
            b.ship();
        }
        String large = ObjectNames.log(2);
        InMemoryObjectStore copy =
                StoredObjects.of(first).with(large, StoredObjects.of(second).get(large)).store();
        assertThat(verdict(copy)).isInstanceOf(Verdict.Violated.class);
        HealReport report = heal(second, copy);
        assertThat(report.left()).extracting(Finding::object).containsExactly(ObjectNames.log(3));
        assertThat(copy.delete(ObjectNames.log(3))).isNotNull();
        assertThat(heal(second, copy).isWhole()).isTrue();
        assertThat(verdict(copy)).isEqualTo(new Verdict.Good());
    }

    @Test
    void aSnapshotWhoseLogNoCopyHasIsTold() throws Exception {
        InMemoryObjectStore store = new InMemoryObjectStore();
        try (TestArchive written = new TestArchive(store, seed, new PageSize(512), Codec.ZSTD)) {
            written.rebase(RebaseReason.FIRST, 3);
            written.ship();
            written.snapshot();
            written.commits(2);
            written.ship();
            written.snapshot();
        }
        StoredObjects rest = StoredObjects.of(store).without(ObjectNames.log(2));
        InMemoryObjectStore copy = rest.store();
        assertThat(verdict(copy)).isInstanceOf(Verdict.Violated.class);
        assertThat(heal(rest.store(), copy).unavailable())
                .extracting(Finding::object)
                .containsExactly(ObjectNames.log(2));
    }
}
