package dev.holdfast.storage;

import static dev.holdfast.storage.StoreRequests.ascii;
import static dev.holdfast.storage.StoreRequests.body;
import static dev.holdfast.storage.StoreRequests.bytes;
import static dev.holdfast.storage.StoreRequests.names;
import static dev.holdfast.storage.StoreRequests.readAll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A disk of one megabyte: full, read-only, gone. Skipped where this user may not mount one.
final class FolderOnMountTest {
    @TempDir private Path disk;

    private Path root;

    @BeforeEach
    void mount() throws Exception {
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=1m", "holdfast-test", disk.toString()),
                "SKIPPED: full and read-only disks are not tested, as this user may not mount a"
                        + " tmpfs");
        root = disk.resolve("archive");
    }

    @AfterEach
    void unmount() throws Exception {
        boolean _ = run("umount", disk.toString());
    }

    @Test
    void aFullDiskLosesNothingAndTakesObjectsAgainOnceThereIsRoom() throws Exception {
        try (FileObjectStore store = FileObjectStore.openForWriting(root)) {
            CreateOutcome _ = store.create("log/1", body(bytes(900_000, 1)));
            assertThatThrownBy(() -> store.create("log/2", body(bytes(900_000, 2))))
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageContaining("No space left")
                    .extracting(e -> ((StoreException) e).remedy())
                    .asString()
                    .startsWith("Make room");
            assertThat(names(store, "")).containsExactly("log/1");
            assertThat(readAll(store, "log/1")).isEqualTo(bytes(900_000, 1));

            DeleteOutcome _ = store.delete("log/1");
            assertThat(store.create("log/2", body(bytes(900_000, 2))))
                    .isInstanceOf(CreateOutcome.Created.class);
        }
    }

    @Test
    void aDiskThatBecomesReadOnlyDeniesWritesAndGoesOnReading() throws Exception {
        try (FileObjectStore store = FileObjectStore.openForWriting(root)) {
            CreateOutcome _ = store.create("log/1", body(ascii("1")));
            assertThat(run("mount", "-o", "remount,ro", disk.toString())).isTrue();
            assertThatThrownBy(() -> store.create("log/2", body(ascii("2"))))
                    .isInstanceOf(StoreException.Denied.class)
                    .hasMessageContaining("Read-only");
            assertThat(store.delete("log/1")).isInstanceOf(DeleteOutcome.Retained.class);
            assertThat(readAll(store, "log/1")).isEqualTo(ascii("1"));
        }
        assertThatThrownBy(() -> FileObjectStore.openForWriting(root))
                .isInstanceOf(StoreException.Denied.class);
        try (FileObjectStore store = FileObjectStore.openForReading(root)) {
            assertThat(names(store, "")).containsExactly("log/1");
        }
    }

    @Test
    void aDiskThatIsUnmountedIsMissedAndMayComeBack() throws Exception {
        Files.createDirectory(root);
        assertThat(run("mount", "-t", "tmpfs", "-o", "size=1m", "holdfast-test", root.toString()))
                .isTrue();
        try (FileObjectStore store = FileObjectStore.openForWriting(root)) {
            CreateOutcome _ = store.create("log/1", body(ascii("1")));
            assertThat(run("umount", root.toString())).isTrue();
            assertThatThrownBy(() -> store.create("log/2", body(ascii("2"))))
                    .isInstanceOf(StoreException.Unavailable.class);
            assertThatThrownBy(() -> names(store, ""))
                    .isInstanceOf(StoreException.Unavailable.class);
            assertThat(root).isEmptyDirectory();
        }
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return process.waitFor() == 0;
        } catch (IOException _) {
            return false; // there is no such command here
        }
    }
}
