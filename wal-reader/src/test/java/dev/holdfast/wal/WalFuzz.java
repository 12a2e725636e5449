package dev.holdfast.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.FuzzInputs;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Any bytes as a WAL, for `./dev fuzz wal`: whichever frame a wal-index vouches for, what comes
/// out is what [RecoveredWal] makes of the bytes up to there, or nothing and the reason.
///
/// The first byte of the input says whether checksums are mended before, and which frame it is.
public final class WalFuzz {
    private static final Path FILE = temporary();
    private static final WalBuffer BUFFER = new WalBuffer();

    private WalFuzz() {}

    private static Path temporary() {
        try {
            Path file = Files.createTempFile("fuzz", ".db-wal");
            file.toFile().deleteOnExit();
            return file;
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
        byte[] bytes = FuzzInputs.stored(input, RecoveredWal::sealed);
        Files.write(FILE, bytes);
        try (WalFile wal = WalFile.open(FILE, BUFFER)) {
            RecoveredWal expected = RecoveredWal.of(bytes).orElse(null);
            if (expected == null) {
                assertThat(wal.header()).isNotInstanceOf(WalHeaderStep.Valid.class);
                return false;
            }
            int wanted = (input[0] & 0xff) >>> 1;
            check(wal, expected, Math.min(wanted, expected.frames().size()));
            check(wal, expected, expected.committed());
            return expected.committed() > 0;
        }
    }

    private static void check(WalFile wal, RecoveredWal expected, int frame) throws IOException {
        WalIndexHeader oracle = oracle(expected, frame);
        WalPosition start = wal.start(oracle).orElseThrow();
        List<WalPosition> ends = new ArrayList<>();
        WalStep step =
                wal.read(
                        start,
                        oracle,
                        commit -> {
                            int before = ends.isEmpty() ? 0 : (int) ends.getLast().frame();
                            ends.add(commit.end());
                            check(commit, expected, before);
                        });
        if (frame == 0) {
            assertThat(step).isEqualTo(new WalStep.CaughtUp());
        } else if (!expected.frames().get(frame - 1).isCommit()) {
            assertThat(step).isInstanceOf(WalBreak.class);
            assertThat(ends).isEmpty();
        } else {
            assertThat(step).isEqualTo(new WalStep.Committed(oracle.end(), ends.size(), frame));
            long commits =
                    expected.frames().subList(0, frame).stream()
                            .filter(RecoveredWal.Frame::isCommit)
                            .count();
            assertThat(ends).hasSize((int) commits).endsWith(oracle.end());
            assertThat(wal.stillInPlace(oracle.end())).isTrue();
            checkOverlay(wal, expected, oracle);
        }
    }

    private static WalIndexHeader oracle(RecoveredWal wal, int frame) {
        RecoveredWal.Frame last =
                frame == 0
                        ? new RecoveredWal.Frame(0, 0, 0, 0, ByteBuffer.allocate(0))
                        : wal.frames().get(frame - 1);
        return new WalIndexHeader(
                1,
                wal.wordOrder() == ByteOrder.BIG_ENDIAN,
                wal.pageSize(),
                frame,
                last.databasePages(),
                last.checksum1(),
                last.checksum2(),
                wal.salt1(),
                wal.salt2(),
                0,
                0);
    }

    private static void check(WalCommit commit, RecoveredWal expected, int before)
            throws IOException {
        int end = (int) commit.end().frame();
        assertThat(commit.frameCount()).isEqualTo(end - before);
        assertThat(commit.databasePages())
                .isEqualTo(expected.frames().get(end - 1).databasePages());
        Map<Long, byte[]> left = expected.images(before + 1, end);
        assertThat(commit.pageCount()).isEqualTo(left.size());
        commit.forEachPage((number, image) -> {
            assertThat(left.remove(number)).isEqualTo(image.toArray(ValueLayout.JAVA_BYTE));
        });
        assertThat(left).isEmpty();
    }

    private static void checkOverlay(WalFile wal, RecoveredWal expected, WalIndexHeader oracle)
            throws IOException {
        WalOverlay overlay = ((WalOverlayStep.Found) wal.overlay(oracle.end())).overlay();
        Map<Long, byte[]> images = expected.images(1, (int) oracle.maxFrame());
        assertThat(overlay.pageCount()).isEqualTo(images.size());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(expected.pageSize());
            for (Map.Entry<Long, byte[]> image : images.entrySet()) {
                assertThat(overlay.read(image.getKey(), page)).isTrue();
                assertThat(page.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(image.getValue());
            }
        }
    }

    /// Writes the seeds into a folder: WALs of SQLite's. Leaves what it needed for it there too.
    public static void main(String[] folder) throws IOException {
        Path temporary = Files.createTempDirectory(Path.of(folder[0]), "scratch");
        try (SqliteWriter writer = SqliteWriter.inWalMode(temporary, 512)) {
            writer.sql("CREATE TABLE t(x); INSERT INTO t VALUES (randomblob(900))");
            write(folder[0], "three-commits", 7, writer);
            writer.sql("DELETE FROM t; VACUUM");
            write(folder[0], "vacuum", 255, writer);
            writer.sql("PRAGMA wal_checkpoint; INSERT INTO t VALUES (3)");
            write(folder[0], "two-generations", 6, writer);
        }
    }

    private static void write(String folder, String name, int mode, SqliteWriter writer)
            throws IOException {
        FuzzInputs.writeSeed(folder, name, mode, Files.readAllBytes(writer.copy().wal()));
    }
}
