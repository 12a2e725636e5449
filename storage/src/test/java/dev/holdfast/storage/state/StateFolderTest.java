package dev.holdfast.storage.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Digest;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.RecordingFiles;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// What a writer finds of its state after damage and after a crash at any step.
final class StateFolderTest {
    private static final PageSize PAGE_SIZE = new PageSize(512);
    private static final WriterIdentity IDENTITY =
            new WriterIdentity(
                    new ArchiveInfo(new ArchiveId(1, 2), 5),
                    new WriterId(3),
                    Path.of("/srv/agent.db"),
                    List.of("file:/srv/archive"));
    private static final WriterIdentity OTHER_IDENTITY =
            new WriterIdentity(
                    new ArchiveInfo(new ArchiveId(1, 2), 5),
                    new WriterId(4),
                    Path.of("/srv/agent.db"),
                    List.of("file:/srv/elsewhere"));

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    @TempDir Path parent;

    @BeforeEach
    void printSeed() {
        System.getLogger(StateFolderTest.class.getName())
                .log(System.Logger.Level.INFO, "seed=" + seed);
    }

    private Path folder() {
        return parent.resolve("state");
    }

    private SavedPages pages(PageSize pageSize, int count, int sourceBytes) {
        PageMap map = new PageMap(pageSize);
        for (int page = 1; page <= count; page++) {
            if (page != pageSize.lockPage()) {
                map.set(page, random.nextLong() | 1);
            }
        }
        map.resize(count);
        byte[] source = new byte[sourceBytes];
        random.nextBytes(source);
        byte[] digest = new byte[Digest.BYTES];
        random.nextBytes(digest);
        LogPoint point =
                new LogPoint(
                        random.nextLong(1, 1 << 30),
                        Digest.readFrom(ByteBuffer.wrap(digest), 0),
                        random.nextLong(1, 1 << 30),
                        random.nextLong(1L << 50));
        return new SavedPages(
                new ArchiveId(random.nextLong(), random.nextLong()),
                point,
                pageSize,
                map,
                ByteBuffer.wrap(source));
    }

    private static void assertSame(SavedPages found, SavedPages wanted) {
        assertThat(found.archive()).isEqualTo(wanted.archive());
        assertThat(found.point()).isEqualTo(wanted.point());
        assertThat(found.pageSize()).isEqualTo(wanted.pageSize());
        assertThat(found.source()).isEqualTo(wanted.source());
        assertThat(found.pages().pageCount()).isEqualTo(wanted.pages().pageCount());
        assertThat(found.pages().checksum()).isEqualTo(wanted.pages().checksum());
        for (long page = 1; page <= wanted.pages().pageCount(); page++) {
            assertThat(found.pages().get(page)).isEqualTo(wanted.pages().get(page));
        }
    }

    private byte[] saved(SavedPages pages) throws IOException {
        try (StateFolder state = StateFolder.open(folder())) {
            state.savePages(pages);
        }
        return Files.readAllBytes(folder().resolve("pages"));
    }

    private byte[] saved(WriterIdentity identity) throws IOException {
        try (StateFolder state = StateFolder.open(folder())) {
            state.saveIdentity(identity);
        }
        return Files.readAllBytes(folder().resolve("writer"));
    }

    private void assertNoPages(byte[] file, String how, Object where) throws IOException {
        Files.write(folder().resolve("pages"), file);
        try (StateFolder state = StateFolder.open(folder())) {
            assertThat(state.pages()).as(how, where).isEmpty();
        }
    }

    private void assertDamaged(byte[] file, String how, Object where) throws IOException {
        Files.write(folder().resolve("writer"), file);
        assertThatThrownBy(() -> StateFolder.readIdentity(folder()))
                .as(how, where)
                .isInstanceOf(SidecarException.LocalFiles.class)
                .hasMessageContaining("is damaged");
    }

    private static byte[] flipped(byte[] whole, int bit) {
        byte[] flipped = whole.clone();
        flipped[bit / 8] ^= (byte) (1 << bit % 8);
        return flipped;
    }

    @ParameterizedTest
    @CsvSource({"512, 0, 0", "512, 1, 48", "4096, 8172, 64", "4096, 8173, 1", "65536, 16390, 48"})
    void aPageMapIsReadAsItWasSaved(int pageSize, int count, int sourceBytes) {
        SavedPages wanted = pages(new PageSize(pageSize), count, sourceBytes);
        try (StateFolder state = StateFolder.open(folder())) {
            state.savePages(wanted);
        }
        try (StateFolder state = StateFolder.open(folder())) {
            assertSame(state.pages().orElseThrow(), wanted);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:/a",
                "file:/a\ns3://bucket/x?region=eu-west-1\nmemory",
                "store x\nstore store",
                " ",
                "crc32c 00000000",
                "s3://a b"
            })
    void anIdentityIsReadAsItWasSavedWhereverTheStoresAre(String stores) throws IOException {
        WriterIdentity wanted =
                new WriterIdentity(
                        new ArchiveInfo(new ArchiveId(5, 6), 5),
                        new WriterId(7),
                        Path.of("/a"),
                        stores.lines().toList());
        assertThat(saved(wanted)).isNotEmpty();
        assertThat(StateFolder.readIdentity(folder())).contains(wanted);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "file:/two\nlines", "file:/\u00e4"})
    void aStoreWhoseLineCouldNotBeReadIsNotSaved(String store) {
        assertThatThrownBy(() ->
                        new WriterIdentity(
                                new ArchiveInfo(new ArchiveId(5, 6), 5),
                                new WriterId(7),
                                Path.of("/a"),
                                List.of(store)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a", "/a b/\u00e4\u6c34.db", "/a%20b", "/two\nstore x\nlines"})
    void anIdentityIsReadAsItWasSavedWhereverTheDatabaseIs(String database) throws IOException {
        WriterIdentity wanted =
                new WriterIdentity(
                        new ArchiveInfo(new ArchiveId(5, 6), 5),
                        new WriterId(7),
                        Path.of(database),
                        List.of("file:/a"));
        assertThat(saved(wanted)).isNotEmpty();
        assertThat(StateFolder.readIdentity(folder())).contains(wanted);
    }

    @Test
    void anyFlippedBitOfThePageMapIsDetected() throws IOException {
        byte[] whole = saved(pages(PAGE_SIZE, 20, 48));
        for (int bit = 0; bit < whole.length * 8; bit++) {
            assertNoPages(flipped(whole, bit), "bit %s", bit);
        }
    }

    @Test
    void aPageMapOfAnyOtherLengthIsDetected() throws IOException {
        byte[] whole = saved(pages(PAGE_SIZE, 20, 48));
        for (int length = 0; length < whole.length + 100; length++) {
            if (length != whole.length) {
                assertNoPages(Arrays.copyOf(whole, length), "length %s", length);
            }
        }
    }

    /// The digest is right, as a damaged writer would have made it.
    @ParameterizedTest
    @CsvSource({
        "80, 4294967294",
        "80, 4294967295",
        "80, 9223372036854775807",
        "80, -1",
        "80, 21",
        "80, 19"
    })
    void aPageCountThatLiesIsFoundOutBeforeThereIsRoomForIt(int offset, long count)
            throws IOException {
        byte[] whole = saved(pages(PAGE_SIZE, 20, 48));
        ByteBuffer.wrap(whole).putLong(offset, count);
        assertNoPages(digested(whole), "count %s", count);
    }

    @ParameterizedTest
    @CsvSource({
        "88, 65",
        "88, -1",
        "88, 2147483647",
        "156, 0",
        "156, 513",
        "156, 131072",
        "156, -512"
    })
    void aFieldThatCannotBeIsRefusedThoughTheDigestIsRight(int offset, int value)
            throws IOException {
        byte[] whole = saved(pages(PAGE_SIZE, 20, 48));
        ByteBuffer.wrap(whole).putInt(offset, value);
        assertNoPages(digested(whole), "field %s", offset);
    }

    private static byte[] digested(byte[] whole) {
        int end = whole.length - Digest.BYTES;
        MessageDigest sha256 = Digest.sha256();
        sha256.update(whole, 0, end);
        Digest.of(sha256).writeTo(ByteBuffer.wrap(whole), end);
        return whole;
    }

    @Test
    void anyFlippedBitOfTheIdentityIsDetected() throws IOException {
        byte[] whole = saved(IDENTITY);
        for (int bit = 0; bit < whole.length * 8; bit++) {
            assertDamaged(flipped(whole, bit), "bit %s", bit);
        }
    }

    @Test
    void anIdentityOfAnyOtherLengthIsDetected() throws IOException {
        byte[] whole = saved(IDENTITY);
        for (int length = 0; length < whole.length + 3; length++) {
            if (length != whole.length) {
                assertDamaged(Arrays.copyOf(whole, length), "length %s", length);
            }
        }
    }

    @Test
    void anIdentityAsLargeAsADiskIsNotRead() throws IOException {
        assertThat(saved(IDENTITY)).isNotEmpty();
        try (RandomAccessFile file =
                new RandomAccessFile(folder().resolve("writer").toFile(), "rw")) {
            file.setLength(1L << 40);
        }
        assertThatThrownBy(() -> StateFolder.readIdentity(folder()))
                .isInstanceOf(SidecarException.LocalFiles.class)
                .hasMessageContaining("is damaged");
    }

    @Test
    void onlyTheOwnerMayReadWhateverWasThereBefore() throws IOException {
        try (StateFolder state = StateFolder.open(folder())) {
            for (String name : List.of("writer.new", "pages.new")) {
                Files.write(folder().resolve(name), new byte[1000]);
                Files.setPosixFilePermissions(
                        folder().resolve(name), PosixFilePermissions.fromString("rw-rw-rw-"));
            }
            state.saveIdentity(IDENTITY);
            state.savePages(pages(PAGE_SIZE, 3, 0));
        }
        assertThat(mode("")).isEqualTo("rwx------");
        for (String name : List.of("lock", "writer", "pages")) {
            assertThat(mode(name)).as(name).isEqualTo("rw-------");
        }
    }

    private String mode(String name) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder().resolve(name)));
    }

    @Test
    void aFileIsForcedBeforeItGetsItsNameAndTheNameAfter() {
        RecordingFiles files = new RecordingFiles(folder());
        try (StateFolder state = StateFolder.open(folder(), files)) {
            assertThat(files.takeActions())
                    .containsExactly("create folder root", "force folder above");
            state.saveIdentity(IDENTITY);
            assertThat(files.takeActions())
                    .containsExactly(
                            "create writer.new",
                            "force file",
                            "replace writer",
                            "force folder root");
            state.savePages(pages(PAGE_SIZE, 3, 0));
            assertThat(files.takeActions())
                    .containsExactly(
                            "create pages.new", "force file", "replace pages", "force folder root");
            state.removePages();
            assertThat(files.takeActions()).containsExactly("delete pages", "force folder root");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"create", "force file", "replace", "force folder"})
    void whicheverStepFailsTheOldOrTheNewIsThere(String step) {
        SavedPages old = pages(PAGE_SIZE, 30, 48);
        SavedPages fresh = pages(PAGE_SIZE, 50, 48);
        RecordingFiles files = new RecordingFiles(folder());
        try (StateFolder state = StateFolder.open(folder(), files)) {
            state.saveIdentity(IDENTITY);
            state.savePages(old);
            files.failOn(step, new IOException("No space left on device"));
            assertThatThrownBy(() -> state.saveIdentity(OTHER_IDENTITY))
                    .isInstanceOf(SidecarException.LocalFiles.class)
                    .hasMessageContaining("No space left");
            assertThatThrownBy(() -> state.savePages(fresh))
                    .isInstanceOf(SidecarException.LocalFiles.class);
        }
        boolean isNamed = step.equals("force folder");
        try (StateFolder state = StateFolder.open(folder())) {
            assertThat(state.identity()).contains(isNamed ? OTHER_IDENTITY : IDENTITY);
            assertSame(state.pages().orElseThrow(), isNamed ? fresh : old);
            state.saveIdentity(OTHER_IDENTITY);
            state.savePages(fresh);
            assertThat(state.identity()).contains(OTHER_IDENTITY);
            assertSame(state.pages().orElseThrow(), fresh);
        }
    }

    @Test
    void whatACrashLeftOfANewFileIsNeitherReadNorInTheWay() throws IOException {
        SavedPages old = pages(PAGE_SIZE, 30, 48);
        SavedPages fresh = pages(PAGE_SIZE, 20, 48);
        byte[] whole = saved(fresh);
        assertThat(saved(old)).isNotEmpty();
        for (int length = 0; length <= whole.length; length += 7) {
            Files.write(folder().resolve("pages.new"), Arrays.copyOf(whole, length));
            try (StateFolder state = StateFolder.open(folder())) {
                assertSame(state.pages().orElseThrow(), length == 0 ? old : fresh);
                state.savePages(fresh);
                assertSame(state.pages().orElseThrow(), fresh);
            }
        }
    }
}
