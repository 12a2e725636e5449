package dev.holdfast.wal;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;

class LargeTransactionTest {
    private static final int PAGE = 1024;

    @TempDir private Path folder;

    @Test
    void aTransactionOfAHundredThousandFramesIsReadWithAHeapOf16Megabytes() throws Exception {
        try (SqliteWriter writer = SqliteWriter.inWalMode(folder, PAGE)) {
            writer.sql("PRAGMA synchronous=OFF; CREATE TABLE t(id INTEGER PRIMARY KEY, x)");
            writer.sql(
                    "INSERT INTO t(x) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM"
                            + " n WHERE i < 100000) SELECT randomblob(880) FROM n");
            // The cache holds 2 MB, so nearly all were spilled before the commit
            assertThat(new SqliteFiles(writer.database()).oracle().maxFrame())
                    .isGreaterThan(100_000);
            SqliteFiles files = writer.copy();
            byte[] wanted = writer.pages(files);
            assertThat(readWithSmallHeap(files)).isEqualTo(Long.toHexString(crc(wanted)));
        }
    }

    private static String readWithSmallHeap(SqliteFiles files)
            throws IOException, InterruptedException {
        List<String> command = ChildJvm.command(Reader.class, "-Xmx16m", "-XX:+UseSerialGC");
        command.add(files.database().toString());
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        assertThat(process.waitFor()).isZero();
        return output;
    }

    private static long crc(byte[] pages) {
        CRC32C crc = new CRC32C();
        crc.update(pages);
        return crc.getValue();
    }

    /// Prints the checksum of all pages of the last commit, in order: that commit writes them all.
    static final class Reader {
        private Reader() {}

        public static void main(String[] args) throws IOException {
            SqliteFiles files = new SqliteFiles(Path.of(args[0]));
            WalIndexHeader oracle = files.oracle();
            try (WalFile wal = WalFile.open(files.wal())) {
                WalPosition position = wal.start(oracle).orElseThrow();
                WalStep step = wal.read(position, oracle, Reader::print);
                if (!(step instanceof WalStep.Committed(WalPosition end, _, _))
                        || !end.equals(oracle.end())) {
                    throw new AssertionError(step);
                }
            }
        }

        private static void print(WalCommit commit) throws IOException {
            if (commit.pageCount() < 1000) {
                return;
            }
            CRC32C crc = new CRC32C();
            byte[] page = new byte[PAGE];
            commit.forEachPage((_, image) -> {
                MemorySegment.copy(image, ValueLayout.JAVA_BYTE, 0, page, 0, PAGE);
                crc.update(page);
            });
            System.out.println(Long.toHexString(crc.getValue()));
        }
    }
}
