package dev.holdfast.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.TestArchive;
import dev.holdfast.storage.seal.Identity;
import dev.holdfast.storage.seal.Sealing;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Copies of an encrypted archive, of which one alone can be opened by who was added later.
final class SealedCopiesTest {
    private static final long SEED = Long.getLong("seed", 1);

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    /// The same with a snapshot that somebody without a key has put there.
    private final InMemoryObjectStore forged = new InMemoryObjectStore();

    private final Identity writer = Identity.generate();
    private final Identity later = Identity.generate();

    @TempDir private Path folder;

    /// @return the newest state
    private byte[] written() throws Exception {
        Sealing sealing = new Sealing(List.of(writer.recipient()));
        try (TestArchive written =
                TestArchive.ofEverything(store, SEED, new PageSize(512), Codec.ZSTD, sealing)) {
            assertThat(SealedArchives.addKey(store, writer, later.recipient())).isPositive();
            StoredObjects.of(store).writeTo(forged);
            assertThat(SealedArchives.forgeSnapshot(forged, written)).isNotEmpty();
            return written.database(written.lastTx());
        }
    }

    private byte[] restored(ObjectStore... copies) throws IOException {
        Path out = folder.resolve("restored.db");
        new CopiesRestorer(List.of(copies), List.of(), from -> Restores.from(from, List.of(later)))
                .restore(RestoreRequest.of(new Target.Latest(), out));
        return Files.readAllBytes(out);
    }

    private static List<String> keys(StoredObjects objects) {
        return objects.names().stream().filter(ObjectNames::isKey).toList();
    }

    @Test
    void whatOneLacksToBeReadIsTakenFromTheOther() throws Exception {
        byte[] database = written();
        StoredObjects whole = StoredObjects.of(store);
        StoredObjects lacking = whole;
        for (String key : keys(whole)) {
            lacking = lacking.without(key);
        }
        assertThat(lacking.names()).isNotEqualTo(whole.names());
        assertThat(restored(lacking.store(), whole.store())).isEqualTo(database);
    }

    @Test
    void whatIsDamagedInOneIsTakenFromTheOther() throws Exception {
        byte[] database = written();
        StoredObjects whole = StoredObjects.of(store);
        StoredObjects damaged = whole;
        for (String key : keys(whole)) {
            damaged = damaged.withFlippedBit(key, 8 * whole.get(key).length - 1);
        }
        assertThat(restored(damaged.store(), whole.store())).isEqualTo(database);
    }

    @Test
    void aForgedSnapshotOfOneIsNotTaken() throws Exception {
        byte[] database = written();
        assertThat(restored(store, forged)).isEqualTo(database);
    }

    @Test
    void norInPlaceOfOneThatIsDamaged() throws Exception {
        byte[] database = written();
        StoredObjects damaged = StoredObjects.of(forged);
        String snapshot = damaged.names().getLast();
        damaged = damaged.withFlippedBit(snapshot, 8 * damaged.get(snapshot).length - 1);
        assertThat(restored(damaged.store(), forged)).isEqualTo(database);
    }
}
