package dev.holdfast.storage;

import static dev.holdfast.storage.StoreRequests.ascii;
import static dev.holdfast.storage.StoreRequests.body;
import static dev.holdfast.storage.StoreRequests.names;
import static dev.holdfast.storage.StoreRequests.readAll;
import static dev.holdfast.storage.StoreRequests.readOutcome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

final class FileObjectStoreTest {
    @TempDir private Path parent;

    private Path root;
    private RecordingFiles files;

    @BeforeEach
    void nameTheFolder() {
        root = parent.resolve("archive");
        files = new RecordingFiles(root);
    }

    @Test
    void anObjectIsForcedBeforeItHasAName() throws IOException {
        try (FileObjectStore store = FileObjectStore.openForWriting(root, files)) {
            CreateOutcome _ = store.create("log/1", body(ascii("1")));
            List<String> _ = files.takeActions();

            CreateOutcome _ = store.create("log/2", body(ascii("2")));
            assertThat(files.takeActions())
                    .containsExactly(
                            "create temporary",
                            "force file",
                            "link log/2",
                            "force folder log",
                            "delete temporary");
        }
    }

    @Test
    void aNewFolderIsForcedIntoItsParentBeforeItIsUsed() throws IOException {
        try (FileObjectStore store = FileObjectStore.openForWriting(root, files)) {
            assertThat(files.takeActions())
                    .containsSubsequence("create folder root", "force folder above");
            CreateOutcome _ = store.create("a/b/1", body(ascii("1")));
            assertThat(files.takeActions())
                    .containsExactly(
                            "create temporary",
                            "force file",
                            "create folder a",
                            "force folder root",
                            "create folder a/b",
                            "force folder a",
                            "link a/b/1",
                            "force folder a/b",
                            "delete temporary");
        }
    }

    @Test
    void whatAProcessLeftUnforcedIsForcedByTheNextOne() throws IOException {
        Files.createDirectories(root.resolve("log"));
        Files.writeString(root.resolve("log/1"), "1");
        try (FileObjectStore store = FileObjectStore.openForWriting(root, files)) {
            assertThat(files.takeActions())
                    .contains("force folder log", "force folder root", "force folder above");
            assertThat(names(store, "")).containsExactly("log/1");
        }
    }

    @Test
    void aNameThatIsTakenIsForcedBeforeAnybodyIsTold() throws IOException {
        try (FileObjectStore store = FileObjectStore.openForWriting(root, files)) {
            files.failOn("force folder log", new IOException("injected"));
            assertThatThrownBy(() -> store.create("log/1", body(ascii("1"))))
                    .isInstanceOf(IOException.class);
            files.heal();
            List<String> _ = files.takeActions();
            assertThat(store.create("log/1", body(ascii("1"))))
                    .isInstanceOf(CreateOutcome.AlreadyExists.class);
            assertThat(files.takeActions()).containsSubsequence("link log/1", "force folder log");
        }
    }

    @Test
    void aFileThatCouldNotBeForcedGetsNoName() throws IOException {
        try (FileObjectStore store = FileObjectStore.openForWriting(root, files)) {
            files.failOn("force file", new IOException("Input/output error"));
            assertThatThrownBy(() -> store.create("a", body(ascii("1"))))
                    .hasMessageContaining("Input/output error");
            assertThat(names(store, "")).isEmpty();
            files.heal();
            assertThat(store.create("a", body(ascii("2"))))
                    .isInstanceOf(CreateOutcome.Created.class);
            assertThat(readAll(store, "a")).isEqualTo(ascii("2"));
        }
        assertThat(temporaryFiles()).isEmpty();
    }

    @Test
    void aTemporaryFileThatStaysDoesNotUndoTheObject() throws IOException {
        try (FileObjectStore store = FileObjectStore.openForWriting(root, files)) {
            files.failOn("delete temporary", new IOException("injected"));
            assertThat(store.create("a", body(ascii("1"))))
                    .isInstanceOf(CreateOutcome.Created.class);
            assertThat(names(store, "")).containsExactly("a");
        }
    }

    @Test
    void aBodyThatIsNotAsLongAsItSaysIsNoObject() throws IOException {
        try (FileObjectStore store = FileObjectStore.openForWriting(root)) {
            ObjectBody whole = body(ascii("12345"));
            ObjectBody liar =
                    new ObjectBody() {
                        @Override
                        public long bytes() {
                            return 6;
                        }

                        @Override
                        public void writeTo(WritableByteChannel out) throws IOException {
                            whole.writeTo(out);
                        }
                    };
            assertThatThrownBy(() -> store.create("a", liar))
                    .hasMessageContaining("5 bytes and promised 6");
            assertThat(names(store, "")).isEmpty();
        }
    }

    @Test
    void leftoversOfACrashAreNotListedAndGoWhenTheyAreOld() throws IOException {
        Files.createDirectories(root.resolve(".tmp"));
        Path young = Files.writeString(root.resolve(".tmp/young"), "half an obj");
        Path old = Files.writeString(root.resolve(".tmp/old"), "half an obj");
        Files.setLastModifiedTime(young, FileTime.from(Instant.now().minus(Duration.ofHours(23))));
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(25))));
        try (FileObjectStore store = FileObjectStore.openForWriting(root)) {
            assertThat(names(store, "")).isEmpty();
        }
        assertThat(temporaryFiles()).containsExactly(young);
    }

    @Test
    void onlyTheOwnerMayReadWhatIsWritten() throws IOException {
        try (FileObjectStore store = FileObjectStore.openForWriting(root)) {
            CreateOutcome _ = store.create("log/1", body(ascii("1")));
        }
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(root.resolve("log/1"))))
                .isEqualTo("rw-------");
        for (String folder : List.of("", "log", ".tmp")) {
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(root.resolve(folder))))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void filesThatAreNotObjectsAreIgnored() throws IOException {
        try (FileObjectStore store = FileObjectStore.openForWriting(root)) {
            CreateOutcome _ = store.create("log/1", body(ascii("1")));
            for (String foreign :
                    List.of("log/a b", "log/.nfs001", "log/1~", "lost+found", ".snapshot")) {
                Files.writeString(root.resolve(foreign), "?");
            }
            Files.createDirectories(root.resolve("empty/empty"));
            assertThat(names(store, "")).containsExactly("log/1");
        }
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aPipeIsNoObjectAndNobodyWaitsForItsBytes() throws Exception {
        Path log = Files.createDirectories(root.resolve("log"));
        Pipes.make(log.resolve("1"));
        Files.createSymbolicLink(log.resolve("2"), Path.of("/dev/zero"));
        try (FileObjectStore store = FileObjectStore.openForReading(root)) {
            assertThat(names(store, "")).isEmpty();
            for (String name : List.of("log/1", "log/2")) {
                assertThat(readOutcome(store, name)).isInstanceOf(ReadOutcome.NotFound.class);
            }
        }
    }

    @Test
    void aPipeInThePlaceOfAnObjectIsNamedAndIsNotOneThatExistsAlready() throws Exception {
        try (FileObjectStore store = FileObjectStore.openForWriting(root)) {
            Path pipe = Pipes.make(Files.createDirectories(root.resolve("log")).resolve("1"));
            assertThatExceptionOfType(StoreException.Denied.class)
                    .isThrownBy(() -> store.create("log/1", body(ascii("1"))))
                    .withMessage("%s is a pipe, wanted an object's file, or nothing", pipe);
            Files.delete(pipe);
            assertThat(store.create("log/1", body(ascii("1"))))
                    .isInstanceOf(CreateOutcome.Created.class);
        }
    }

    @Test
    void aFolderThatIsRemovedIsMissedAndNotMadeAgain() throws IOException {
        try (FileObjectStore store = FileObjectStore.openForWriting(root)) {
            CreateOutcome _ = store.create("log/1", body(ascii("1")));
            Path elsewhere = Files.move(root, parent.resolve("elsewhere"));
            assertNothingWorks(store);
            assertThat(root).doesNotExist();

            Files.move(elsewhere, root);
            assertThat(store.create("log/2", body(ascii("2"))))
                    .isInstanceOf(CreateOutcome.Created.class);
            assertThat(names(store, "log/")).containsExactly("log/1", "log/2");
        }
    }

    @Test
    void anEmptyFolderInItsPlaceIsNotTakenForIt() throws IOException {
        try (FileObjectStore store = FileObjectStore.openForWriting(root)) {
            CreateOutcome _ = store.create("log/1", body(ascii("1")));
            Files.move(root, parent.resolve("elsewhere"));
            Files.createDirectory(root);
            assertNothingWorks(store);
            assertThat(root).isEmptyDirectory();
        }
    }

    private static void assertNothingWorks(FileObjectStore store) {
        List<ThrowingCallable> requests =
                List.of(
                        () -> store.create("log/2", body(ascii("2"))),
                        () -> store.upload("log/2"),
                        () -> readOutcome(store, "log/1"),
                        () -> store.list("log/", null, 10),
                        () -> store.list("", null, 10),
                        () -> store.delete("log/1"));
        for (ThrowingCallable request : requests) {
            assertThatThrownBy(request)
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageContaining("the folder is not there");
        }
    }

    @Test
    void aSubfolderThatIsRemovedIsMadeAgain() throws IOException {
        try (FileObjectStore store = FileObjectStore.openForWriting(root)) {
            CreateOutcome _ = store.create("log/1", body(ascii("1")));
            Files.delete(root.resolve("log/1"));
            Files.delete(root.resolve("log"));
            assertThatThrownBy(() -> store.create("log/2", body(ascii("2"))))
                    .isInstanceOf(IOException.class);
            assertThat(store.create("log/2", body(ascii("2"))))
                    .isInstanceOf(CreateOutcome.Created.class);
        }
    }

    @Test
    void aFileSystemWithoutHardLinksIsRefusedAtOnce() {
        files.failOn("link", new FileSystemException("file", "link", "Operation not permitted"));
        assertThatThrownBy(() -> FileObjectStore.openForWriting(root, files))
                .isInstanceOf(StoreException.Denied.class)
                .hasMessageContaining("makes no hard links (Operation not permitted)");
    }

    @Test
    void aFolderWithoutPermissionIsDenied() throws IOException {
        try (FileObjectStore store = FileObjectStore.openForWriting(root, files)) {
            files.failOn("create", new AccessDeniedException("/srv/x"));
            assertThatThrownBy(() -> store.create("a", body(ascii("1"))))
                    .isInstanceOf(StoreException.Denied.class)
                    .hasMessage("/srv/x: permission denied");
        }
    }

    @Test
    void whatMayNotBeDeletedIsRetained() throws IOException {
        try (FileObjectStore store = FileObjectStore.openForWriting(root, files)) {
            CreateOutcome _ = store.create("a", body(ascii("1")));
            files.failOn("delete", new FileSystemException("a", null, "Operation not permitted"));
            assertThat(store.delete("a")).isInstanceOf(DeleteOutcome.Retained.class);
            files.failOn("delete", new AccessDeniedException("a"));
            assertThat(store.delete("a")).isInstanceOf(DeleteOutcome.Retained.class);
            assertThat(readAll(store, "a")).isEqualTo(ascii("1"));
        }
    }

    @Test
    void oneWhoOnlyReadsChangesNothing() throws IOException {
        try (FileObjectStore writer = FileObjectStore.openForWriting(root)) {
            CreateOutcome _ = writer.create("log/1", body(ascii("1")));
        }
        Files.delete(root.resolve(".tmp")); // as a copy of an archive may lack it
        try (FileObjectStore store = FileObjectStore.openForReading(root)) {
            assertThat(readAll(store, "log/1")).isEqualTo(ascii("1"));
            assertThat(names(store, "")).containsExactly("log/1");
            assertThatThrownBy(() -> store.create("a", body(ascii("1"))))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> store.upload("a")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> store.delete("log/1"))
                    .isInstanceOf(IllegalStateException.class);
        }
        try (Stream<Path> left = Files.list(root)) {
            assertThat(left).containsExactly(root.resolve("log"));
        }
    }

    @Test
    void pagesThatFollowAtOnceComeFromOneReadingAndLaterOnesSeeWhatIsNew() throws IOException {
        AtomicLong now = new AtomicLong();
        try (FileObjectStore writer = FileObjectStore.openForWriting(root);
                FileObjectStore store = new FileObjectStore(root, null, now::get)) {
            for (String name : List.of("b", "d", "f")) {
                CreateOutcome _ = writer.create(name, body(ascii(name)));
            }
            assertThat(pageNames(store, null)).containsExactly("b");
            CreateOutcome _ = writer.create("c", body(ascii("c")));
            assertThat(pageNames(store, "b")).containsExactly("d");
            assertThat(pageNames(store, "b")).containsExactly("c"); // asked again: read again
            CreateOutcome _ = writer.create("ca", body(ascii("c")));
            now.addAndGet(Duration.ofSeconds(6).toNanos());
            assertThat(pageNames(store, "c")).containsExactly("ca");
        }
    }

    private static List<String> pageNames(ObjectStore store, @Nullable String startAfter)
            throws IOException {
        return store.list("", startAfter, 1).entries().stream().map(ListPage.Entry::name).toList();
    }

    @Test
    void aFolderLargerThanOneReadingIsListedWhole() throws IOException {
        List<String> expected = new ArrayList<>();
        Files.createDirectories(root.resolve("log/sub"));
        for (int i = 0; i < 100; i++) {
            expected.add("log/" + (1000 + i));
            expected.add("log/sub/" + (1000 + i));
        }
        for (String name : expected) {
            Files.createFile(root.resolve(name));
        }
        expected.sort(null);
        for (int namesAtOnce : new int[] {1, 2, 7, 100, 101, 1_000}) {
            FolderListing listing = FolderListing.begin(root, "log", "", namesAtOnce);
            List<String> found = new ArrayList<>();
            ListPage page;
            do {
                page = listing.page(13);
                page.entries().forEach(entry -> found.add(entry.name()));
            } while (page.isTruncated());
            assertThat(found).as("%s names at once", namesAtOnce).isEqualTo(expected);
        }
    }

    private List<Path> temporaryFiles() throws IOException {
        try (Stream<Path> left = Files.list(root.resolve(".tmp"))) {
            return left.toList();
        }
    }
}
