package dev.holdfast.restore.heal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.restore.SealedArchives;
import dev.holdfast.restore.StoredObjects;
import dev.holdfast.restore.verify.Finding;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.TestArchive;
import dev.holdfast.storage.seal.Identity;
import dev.holdfast.storage.seal.Sealing;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.concurrent.CountDownLatch;

/// Of an encrypted archive, without any key.
final class SealedHealTest {
    private static final long SEED = Long.getLong("seed", 1);

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final Identity reader = Identity.generate();

    private static HealReport heal(ObjectStore from, ObjectStore to) throws Exception {
        return new Healer(
                        SealedArchives.open(from),
                        SealedArchives.open(to),
                        (_, _, _) -> {},
                        new CountDownLatch(1))
                .heal();
    }

    private TestArchive written() throws Exception {
        Sealing sealing = new Sealing(List.of(reader.recipient()));
        return TestArchive.ofEverything(store, SEED, new PageSize(512), Codec.ZSTD, sealing);
    }

    @Test
    void aSnapshotInTheClearThatSomebodyHasForgedIsToldAndNotSpread() throws Exception {
        try (TestArchive archive = written()) {
            StoredObjects good = StoredObjects.of(store);
            String forged = SealedArchives.forgeSnapshot(store, archive);
            InMemoryObjectStore copy = good.store();
            assertThat(heal(store, copy).unavailable())
                    .extracting(Finding::object)
                    .containsExactly(forged);
            assertThat(StoredObjects.of(copy).names()).isEqualTo(good.names());
            assertThat(heal(copy, store).left())
                    .extracting(Finding::object)
                    .containsExactly(forged);
        }
    }

    @Test
    void aDamagedWrapIsToldAndNotSpread() throws Exception {
        try (TestArchive _ = written()) {
            long added = SealedArchives.addKey(store, reader, Identity.generate().recipient());
            StoredObjects good = StoredObjects.of(store);
            List<String> keys = good.names().stream().filter(ObjectNames::isKey).toList();
            assertThat(keys).hasSize((int) added);
            String key = keys.getFirst();
            InMemoryObjectStore damaged = good.withFlippedBit(key, 77).store();
            InMemoryObjectStore lacking = good.without(key).store();
            assertThat(heal(store, damaged).left())
                    .extracting(Finding::object)
                    .containsExactly(key);
            assertThat(heal(damaged, lacking).unavailable())
                    .extracting(Finding::object)
                    .containsExactly(key);
            assertThat(StoredObjects.of(lacking).names()).doesNotContain(key);
            assertThat(heal(store, lacking).isWhole()).isTrue();
            assertThat(StoredObjects.of(lacking).names()).isEqualTo(good.names());
        }
    }
}
