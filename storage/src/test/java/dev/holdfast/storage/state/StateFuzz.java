package dev.holdfast.storage.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Digest;
import dev.holdfast.format.FuzzInputs;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.FileActions;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/// Any bytes as a file of the state folder, for `./dev fuzz state`: it is refused, or what it says,
/// written again, says the same.
///
/// The first byte of the input says which file, and whether its checksum is mended before.
public final class StateFuzz {
    private static final Path FOLDER = temporary();
    private static final StateFolder STATE = StateFolder.open(FOLDER);

    private StateFuzz() {}

    private static Path temporary() {
        try {
            Path folder = Files.createTempDirectory("fuzz");
            folder.toFile().deleteOnExit();
            for (String file : List.of("lock", "writer", "pages")) {
                folder.resolve(file).toFile().deleteOnExit();
            }
            return folder;
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /// What the fuzzer calls.
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        isRead(input);
    }

    /// Whether the input was taken for what it should be.
    static boolean isRead(byte[] input) throws IOException {
        if (input.length == 0) {
            return false;
        }
        return (input[0] & 2) != 0
                ? isPages(FuzzInputs.stored(input, StateFuzz::sealedPages))
                : isIdentity(FuzzInputs.stored(input, StateFuzz::sealedIdentity));
    }

    private static byte[] sealedIdentity(byte[] bytes) {
        int end = Math.max(0, bytes.length - "crc32c 01234567\n".length());
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, end);
        String line = "crc32c " + HexFormat.of().toHexDigits((int) crc.getValue()) + "\n";
        return ByteBuffer.allocate(end + line.length())
                .put(bytes, 0, end)
                .put(line.getBytes(StandardCharsets.US_ASCII))
                .array();
    }

    private static byte[] sealedPages(byte[] bytes) {
        byte[] file = bytes.clone();
        int end = file.length - Digest.BYTES;
        if (end >= 160) {
            ByteBuffer out = ByteBuffer.wrap(file).putLong(80, (end - 160) / Long.BYTES);
            Digest.of(ByteBuffer.wrap(file, 0, end)).writeTo(out, end);
        }
        return file;
    }

    private static boolean isIdentity(byte[] bytes) throws IOException {
        Files.write(FOLDER.resolve("writer"), bytes);
        WriterIdentity identity;
        try {
            identity = STATE.identity().orElseThrow();
        } catch (SidecarException.LocalFiles refused) {
            assertThat(refused).hasMessageContaining("writer is damaged");
            return false;
        }
        STATE.saveIdentity(identity);
        assertThat(STATE.identity()).contains(identity);
        return true;
    }

    private static boolean isPages(byte[] bytes) throws IOException {
        Path file = FOLDER.resolve("pages");
        Files.write(file, bytes);
        Optional<SavedPages> found = PagesFile.read(file);
        if (found.isEmpty()) {
            return false;
        }
        Files.delete(file);
        PagesFile.write(file, found.get(), FileActions.REAL);
        SavedPages again = PagesFile.read(file).orElseThrow();
        assertThat(again.archive()).isEqualTo(found.get().archive());
        assertThat(again.point()).isEqualTo(found.get().point());
        assertThat(again.source()).isEqualTo(found.get().source());
        assertThat(again.pageSize()).isEqualTo(found.get().pageSize());
        assertThat(again.pages().pageCount()).isEqualTo(found.get().pages().pageCount());
        assertThat(again.pages().checksum()).isEqualTo(found.get().pages().checksum());
        return true;
    }

    /// Writes the seeds into a folder.
    public static void main(String[] folder) throws IOException {
        ArchiveId archive = new ArchiveId(1, 2);
        STATE.saveIdentity(
                new WriterIdentity(
                        new ArchiveInfo(archive, 5),
                        new WriterId(3),
                        Path.of("/srv/a b.db"),
                        List.of("file:/srv/archive")));
        write(folder[0], "identity", 1);
        PageMap pages = new PageMap(new PageSize(512));
        for (int page = 1; page <= 5; page++) {
            pages.set(page, 0x1234_5678_9abcL * page);
        }
        pages.resize(5);
        Digest digest = Digest.of(ByteBuffer.allocate(1));
        STATE.savePages(
                new SavedPages(
                        archive,
                        new LogPoint(4, digest, 5, 6),
                        new PageSize(512),
                        pages,
                        ByteBuffer.allocate(48)));
        write(folder[0], "pages", 3);
    }

    private static void write(String folder, String name, int mode) throws IOException {
        Path file = FOLDER.resolve(name.equals("pages") ? name : "writer");
        FuzzInputs.writeSeed(folder, name, mode, Files.readAllBytes(file));
    }
}
