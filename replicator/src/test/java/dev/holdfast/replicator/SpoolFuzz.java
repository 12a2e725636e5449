package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.Digest;
import dev.holdfast.format.FuzzInputs;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.storage.LimitedDisk;
import dev.holdfast.storage.archive.SegmentWriter;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/// Any bytes as a file of the spool, for `./dev fuzz spool`: what is found is a run of whole
/// entries from its start, the file is cut off behind them, and a second start finds the same.
///
/// The first byte of the input says whether checksums, digests and chain are mended before.
public final class SpoolFuzz {
    private static final String NAME = "0000000000000001" + Spool.SUFFIX;
    private static final Path FOLDER = temporary();
    private static final Path FILE = FOLDER.resolve(NAME);

    /// Who can forge a digest can have a page map as large as all memory; that proves nothing.
    private static final int MAX_PAGES = 1 << 16;

    private SpoolFuzz() {}

    private static Path temporary() {
        try {
            Path folder = Files.createTempDirectory("fuzz");
            folder.toFile().deleteOnExit();
            folder.resolve(NAME).toFile().deleteOnExit();
            return folder;
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static Spool open() throws IOException {
        return Spool.open(FOLDER, new LimitedDisk(), 1 << 20);
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
        byte[] bytes = FuzzInputs.stored(input, SpoolFuzz::sealed);
        Files.write(FILE, bytes);
        List<SpoolEntry> found;
        try (Spool spool = open()) {
            found = List.copyOf(spool.from(1));
            check(found, bytes);
        }
        assertThat(Files.exists(FILE)).isEqualTo(!found.isEmpty());
        if (!found.isEmpty()) {
            assertThat(Files.size(FILE)).isEqualTo(found.getLast().end());
        }
        try (Spool again = open()) {
            assertThat(again.from(1).stream().map(SpoolEntry::digest))
                    .containsExactlyElementsOf(found.stream().map(SpoolEntry::digest).toList());
        }
        return !found.isEmpty();
    }

    private static void check(List<SpoolEntry> found, byte[] bytes) throws IOException {
        long end = 0;
        for (SpoolEntry entry : found) {
            SegmentHeader header = entry.header();
            int length = (int) (header.storedLength() - Digest.BYTES);
            assertThat(entry.offset()).isEqualTo(end);
            assertThat(entry.digest())
                    .isEqualTo(Digest.of(ByteBuffer.wrap(bytes, (int) end, length)));
            ByteBuffer again = ByteBuffer.allocate(SegmentHeader.BYTES);
            header.writeTo(again);
            assertThat(again).isEqualTo(ByteBuffer.wrap(bytes, (int) end, SegmentHeader.BYTES));
            SpoolScan scan = new SpoolScan(entry.file());
            assertThat(scan.source(entry)).isNotNull();
            if (header.databasePages() < MAX_PAGES) {
                scan.apply(entry, new PageMap(header.pageSize()));
            }
            end = entry.end();
        }
    }

    /// Entries as the lengths in them say, as far as there are bytes.
    private static byte[] sealed(byte[] bytes) {
        byte[] file = bytes.clone();
        ByteBuffer out = ByteBuffer.wrap(file);
        byte[] before = null;
        int at = 0;
        while (at + SegmentHeader.BYTES + Digest.BYTES + SpoolNote.bytes(0) <= file.length) {
            long most = file.length - at - 160 - SpoolNote.bytes(0);
            int body = (int) Math.clamp(out.getLong(at + 112), 0, most);
            if (before != null) {
                out.put(at + 32, before);
            }
            out.putLong(at + 112, body).putInt(at + 124, crc(file, at, 124));
            int digestAt = at + SegmentHeader.BYTES + body;
            Digest.of(ByteBuffer.wrap(file, at, digestAt - at)).writeTo(out, digestAt);
            before = Arrays.copyOfRange(file, digestAt, digestAt + Digest.BYTES);
            int note = digestAt + Digest.BYTES;
            long room = (file.length - note - SpoolNote.bytes(0)) / SpoolNote.DELTA_BYTES;
            int deltas = (int) Math.clamp(out.getInt(note + 16), 0, room);
            out.putInt(note + 16, deltas);
            at = note + (int) SpoolNote.bytes(deltas);
            out.putInt(at - 4, crc(file, note, at - 4 - note));
        }
        return file;
    }

    private static int crc(byte[] bytes, int from, int count) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, count);
        return (int) crc.getValue();
    }

    /// Writes the seeds into a folder.
    public static void main(String[] folder) throws IOException {
        try (Spool spool = open();
                SegmentWriter writer = TestSpool.segmentWriter()) {
            for (int i = 0; i < 3; i++) {
                TestSpool.append(spool, writer);
            }
        }
        FuzzInputs.writeSeed(folder[0], "three-entries", 1, Files.readAllBytes(FILE));
    }
}
