package dev.holdfast.storage;

import static dev.holdfast.storage.StoreRequests.body;
import static dev.holdfast.storage.StoreRequests.bytes;
import static dev.holdfast.storage.StoreRequests.readAll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.storage.LimitedDisk.Failing;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/// A store in a folder on a disk that runs full at each change that is made to it, one after the
/// other.
final class FullFolderTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource
    void whatWasAcknowledgedStaysAndTheRestIsStoredOnceThereIsRoom(Failing failing)
            throws IOException {
        int change = 1;
        while (hasFailedAt(change, failing)) {
            change++;
        }
        assertThat(change).as("changes that were tried").isGreaterThan(20);
    }

    /// False once there are not so many changes.
    private boolean hasFailedAt(int change, Failing failing) throws IOException {
        Path root = folder.resolve(failing + "-" + change);
        LimitedDisk disk = new LimitedDisk();
        disk.failAt(change, failing);
        Map<String, byte[]> stored = new LinkedHashMap<>();
        try (ObjectStore store = open(disk, root)) {
            for (int i = 1; i <= 3; i++) {
                put(store, disk, "log/" + i, bytes(100_000, i), stored);
            }
            put(store, disk, "snapshots/1", bytes(100, 4), stored);
            for (Map.Entry<String, byte[]> object : stored.entrySet()) {
                assertThat(readAll(store, object.getKey())).isEqualTo(object.getValue());
            }
            assertThat(store.list("", null, 10).entries())
                    .extracting(ListPage.Entry::name)
                    .containsExactlyElementsOf(stored.keySet());
        }
        try (Stream<Path> left = Files.list(root.resolve(ArchiveFolder.TEMPORARY))) {
            assertThat(left).as("left by a failure at change %d", change).isEmpty();
        }
        return disk.hasFailed();
    }

    private static ObjectStore open(LimitedDisk disk, Path root) throws IOException {
        try {
            return disk.store(root);
        } catch (StoreException e) {
            assertTold(e, root);
            disk.heal();
            return disk.store(root);
        }
    }

    private static void put(
            ObjectStore store,
            LimitedDisk disk,
            String name,
            byte[] content,
            Map<String, byte[]> stored)
            throws IOException {
        CreateOutcome outcome;
        try {
            outcome = store.create(name, body(content));
        } catch (StoreException e) {
            assertTold(e, Path.of(store.location().substring("file:".length())));
            for (Map.Entry<String, byte[]> before : stored.entrySet()) {
                assertThat(readAll(store, before.getKey())).isEqualTo(before.getValue());
            }
            disk.heal();
            outcome = store.create(name, body(content));
        }
        // It may have got its name before the folder could not be forced
        assertThat(outcome)
                .isInstanceOfAny(CreateOutcome.Created.class, CreateOutcome.AlreadyExists.class);
        stored.put(name, content);
    }

    @Test
    void oneTroubleHasTheSameWordsAtEachTry() throws IOException {
        LimitedDisk disk = new LimitedDisk();
        try (ObjectStore store = disk.store(folder)) {
            disk.failAt(1, Failing.ON);
            assertThat(toldOfCreate(store))
                    .contains("No space left on device (" + folder + "/.tmp)")
                    .isEqualTo(toldOfCreate(store));
        }
    }

    private static String toldOfCreate(ObjectStore store) {
        return String.valueOf(
                catchThrowableOfType(
                                StoreException.class,
                                () -> store.create("log/1", body(bytes(10, 1))))
                        .getMessage());
    }

    @Test
    void aFileInTheFoldersPlaceIsNamedAndTheFolderMayComeBack() throws IOException {
        Path root = folder.resolve("archive");
        Path away = folder.resolve("away");
        try (ObjectStore store = FileObjectStore.openForWriting(root)) {
            Files.move(root, away);
            Files.writeString(root, "no folder");
            assertThat(toldOfCreate(store))
                    .isEqualTo(root + ": the folder is not there, but a file");
            Files.delete(root);
            Files.move(away, root);
            assertThat(store.create("log/1", body(bytes(10, 1))))
                    .isInstanceOf(CreateOutcome.Created.class);
        }
    }

    private static void assertTold(StoreException failure, Path root) {
        assertThat(failure).hasMessageContaining(root.toString());
        assertThat(failure.remedy()).containsAnyOf("Make room on the disk", "Check the disk");
    }
}
