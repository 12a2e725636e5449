package dev.holdfast.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.restore.verify.Finding;
import dev.holdfast.restore.verify.Verdict;
import dev.holdfast.restore.verify.Verifier;
import dev.holdfast.restore.verify.VerifyProgress;
import dev.holdfast.restore.verify.VerifyReport;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.TestArchive;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;

/// One thing is wrong with an archive that is larger than that of [DamageMatrixTest], or something
/// that is no damage of one object. A restore then gives the right database or none, and verify
/// names the object.
final class DamageTest {
    private static final long SEED = Long.getLong("seed", 1);

    @TempDir private Path folder;

    private StoredObjects good = new StoredObjects(Map.of());
    private final List<byte[]> databases = new ArrayList<>();
    private final List<Long> times = new ArrayList<>();

    @BeforeEach
    void archive() throws IOException {
        write(Codec.ZSTD);
    }

    private void write(Codec codec) throws IOException {
        InMemoryObjectStore store = new InMemoryObjectStore();
        databases.clear();
        times.clear();
        try (TestArchive archive =
                TestArchive.ofEverything(store, SEED, new PageSize(512), codec)) {
            for (long tx = 1; tx <= archive.lastTx(); tx++) {
                databases.add(archive.database(tx));
                times.add(archive.record(tx).micros());
            }
        }
        good = StoredObjects.of(store);
    }

    private static VerifyReport verify(ObjectStore store) {
        return new Verifier(store, VerifyProgress.NONE, new CountDownLatch(1)).verify();
    }

    /// Restores a few transactions; each is right or refused.
    private void checkRestores(ObjectStore store, String damage, int step) throws IOException {
        for (int tx = databases.size(); tx > 0; tx -= step) {
            checkRestore(store, new Target.AtTx(tx), databases.get(tx - 1), damage);
            checkRestore(
                    store, new Target.AtTime(times.get(tx - 1)), databases.get(tx - 1), damage);
        }
    }

    private void checkRestore(ObjectStore store, Target target, byte[] database, String damage)
            throws IOException {
        String what = target + " with " + damage;
        try {
            byte[] restored = Restores.bytes(store, target, folder);
            assertThat(restored).as(what).isEqualTo(database);
        } catch (SidecarException e) {
            assertThat(e)
                    .as(what)
                    .isInstanceOfAny(
                            SidecarException.CorruptArchive.class,
                            SidecarException.NoSuchPoint.class);
        }
        assertThat(Restores.namesIn(folder)).isEmpty();
    }

    private static void checkNamed(VerifyReport report, String name, String damage) {
        assertThat(report.verdict()).as(damage).isEqualTo(new Verdict.Violated());
        assertThat(report.findings()).as(damage).extracting(Finding::object).contains(name);
    }

    @Test
    void aGoodArchiveIsGood() throws IOException {
        VerifyReport report = verify(good.store());
        assertThat(report.findings()).isEmpty();
        assertThat(report.notes()).isEmpty();
        assertThat(report.verdict()).isEqualTo(new Verdict.Good());
        assertThat(report.counts().transactions()).isEqualTo(databases.size());
        assertThat(report.counts().snapshots()).isEqualTo(3);
        // Each transaction, and each snapshot once more.
        assertThat(report.counts().states()).isGreaterThanOrEqualTo(databases.size());
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void aFlippedBitIsNeverRestored(Codec codec) throws IOException {
        write(codec);
        SplittableRandom random = new SplittableRandom(SEED);
        for (String name : good.names()) {
            int bits = 8 * good.get(name).length;
            for (int bit = random.nextInt(64); bit < bits; bit += random.nextInt(1, 5_000)) {
                String damage = "bit " + bit + " of " + name;
                InMemoryObjectStore store = good.withFlippedBit(name, bit).store();
                checkNamed(verify(store), name, damage);
                checkRestores(store, damage, 9);
            }
        }
    }

    @Test
    void anotherArchiveJsonIsSeen() throws IOException {
        byte[] foreign = new ArchiveInfo(new ArchiveId(1, 2), 3).toBytes();
        InMemoryObjectStore store = good.with(ObjectNames.ARCHIVE_INFO, foreign).store();
        assertThat(verify(store).verdict()).isEqualTo(new Verdict.Violated());
        checkRestores(store, "another archive.json", 1);
    }

    @Test
    void allDamagedObjectsAreNamed() throws IOException {
        StoredObjects damaged = good;
        List<String> names = new ArrayList<>();
        for (String name : good.names()) {
            if (!name.equals(ObjectNames.ARCHIVE_INFO)) {
                damaged = damaged.withFlippedBit(name, 8 * (good.get(name).length / 2));
                names.add(name);
            }
        }
        assertThat(verify(damaged.store()).findings())
                .extracting(Finding::object)
                .containsAll(names);
    }

    @Test
    void otherNamesAreNotedAndViolateNothing() throws IOException {
        StoredObjects more =
                good.with("log/readme.txt", new byte[1]).with("probe/1-2", new byte[0]);
        VerifyReport report = verify(more.store());
        assertThat(report.verdict()).isEqualTo(new Verdict.Good());
        assertThat(report.notes()).containsExactly("log/readme.txt is not of the archive");
        checkRestores(more.store(), "other names", 5);
    }
}
