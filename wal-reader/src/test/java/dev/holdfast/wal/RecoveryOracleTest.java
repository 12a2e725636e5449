package dev.holdfast.wal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// Damaged WALs, and what SQLite itself recovers from them: asked to read to where the recovered
/// wal-index says, the wal-reader gives SQLite's database, or fewer commits and the reason; never
/// another page and never more.
///
/// Recovery believes any frame with the right salts and checksums, so most of these WALs are sealed
/// again after they were damaged. `WALS=` sets how many are tried a page size, `SEED=` replays.
final class RecoveryOracleTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final int WALS = Integer.getInteger("wals", 50);

    @TempDir private static Path folder;

    private static SqliteWriter sqlite;

    @BeforeAll
    static void printSeed() throws IOException {
        System.getLogger(RecoveryOracleTest.class.getName())
                .log(System.Logger.Level.INFO, "seed=" + SEED);
        Path place = Files.createDirectory(folder.resolve("oracle"));
        sqlite = SqliteWriter.inWalMode(place, 512);
    }

    @AfterAll
    static void endSqlite() {
        sqlite.close();
    }

    /// A database file, and WALs of several moments that go with it or with other states of it.
    private record Originals(Path database, List<byte[]> wals) {}

    private static Originals write(int pageSize) throws IOException {
        Path place = Files.createDirectory(folder.resolve("writer" + pageSize));
        try (SqliteWriter writer = SqliteWriter.inWalMode(place, pageSize)) {
            List<byte[]> wals = new ArrayList<>();
            writer.sql("CREATE TABLE t(x); PRAGMA wal_checkpoint(TRUNCATE)");
            writer.beginBurst(25);
            writer.reply();
            wals.add(Files.readAllBytes(writer.copy().wal()));
            // A tail of the same generation that was rolled back, spilled from a small cache
            writer.sql(
                    "PRAGMA cache_size=2; PRAGMA cache_spill=1; BEGIN; UPDATE t SET x ="
                            + " randomblob(300); INSERT INTO t SELECT randomblob(300) FROM t");
            byte[] spilled = Files.readAllBytes(writer.copy().wal());
            writer.sql("ROLLBACK; PRAGMA cache_size=100");
            wals.add(spilled);
            // The next generation over the last one's frames
            writer.sql("PRAGMA wal_checkpoint(RESTART); DELETE FROM t WHERE rowid % 3 = 0");
            SqliteFiles mixed = writer.copy();
            wals.add(Files.readAllBytes(mixed.wal()));
            writer.sql("VACUUM; INSERT INTO t VALUES (1)");
            wals.add(Files.readAllBytes(writer.copy().wal()));
            return new Originals(mixed.database(), wals);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 4096, 65_536})
    void nothingComesOutThatSqliteDoesNotRecover(int pageSize) throws IOException {
        SplittableRandom random = new SplittableRandom(SEED + pageSize);
        Originals originals = write(pageSize);
        int recovered = 0;
        for (int i = 0; i < WALS; i++) {
            byte[] wal = originals.wals().get(random.nextInt(originals.wals().size()));
            byte[] other = originals.wals().get(random.nextInt(originals.wals().size()));
            MutatedWal mutated = new MutatedWal(wal, pageSize, random);
            byte[] bytes = mutated.bytes(other);
            String what = "seed %d, WAL %d: %s".formatted(SEED, i, mutated);
            if (check(originals.database(), bytes, what)) {
                recovered++;
            }
        }
        assertThat(recovered).as("seed %d", SEED).isGreaterThan(WALS / 20);
    }

    /// Whether SQLite found commits.
    private static boolean check(Path database, byte[] wal, String what) throws IOException {
        Path place = Files.createTempDirectory(folder, "case").resolve("w.db");
        SqliteFiles files = new SqliteFiles(place);
        Files.copy(database, place);
        Files.write(files.wal(), wal);
        try {
            recover(files);
            return compare(files, wal, what);
        } finally {
            detach();
            delete(files);
        }
    }

    /// What SQLite recovers may be no database; the wal-index has it all the same.
    private static void recover(SqliteFiles files) throws IOException {
        try {
            sqlite.sql(
                    "ATTACH '" + files.database() + "' AS a; SELECT count(*) FROM a.sqlite_schema");
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("the writer said: error");
        }
    }

    private static void detach() throws IOException {
        try {
            sqlite.sql("DETACH a");
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("no such database");
        }
    }

    private static void delete(SqliteFiles files) throws IOException {
        for (Path file : List.of(files.database(), files.wal(), files.shm())) {
            Files.deleteIfExists(file);
        }
        Files.delete(files.database().getParent());
    }

    private static boolean compare(SqliteFiles files, byte[] wal, String what) throws IOException {
        Optional<RecoveredWal> model = RecoveredWal.of(wal);
        Optional<WalIndexHeader> oracle = oracle(files);
        if (oracle.isEmpty()) {
            // Nothing that can be attached: SQLite has closed it again, and removed its traces
            return false;
        }
        if (oracle.get().maxFrame() == 0) {
            assertThat(model.map(RecoveredWal::committed).orElse(0)).as(what).isZero();
            return false;
        }
        // The model that the fuzzer believes is right, too
        assertThat(model.map(RecoveredWal::committed))
                .as(what)
                .contains((int) oracle.get().maxFrame());
        try (WalFile file = WalFile.open(files.wal())) {
            WalPosition start = file.start(oracle.get()).orElseThrow();
            List<WalPosition> commits = new ArrayList<>();
            WalStep step = file.read(start, oracle.get(), commit -> commits.add(commit.end()));
            assertThat(step)
                    .as(what)
                    .isEqualTo(
                            new WalStep.Committed(
                                    oracle.get().end(), commits.size(), oracle.get().maxFrame()));
            comparePages(files, file, oracle.get(), what);
        }
        return true;
    }

    /// Where recovery gives no database, SQLite does not say what it holds.
    private static void comparePages(
            SqliteFiles files, WalFile file, WalIndexHeader oracle, String what)
            throws IOException {
        byte[] wanted;
        try {
            wanted = sqlite.pages(files);
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("the writer said: error");
            return;
        }
        WalOverlay overlay = ((WalOverlayStep.Found) file.overlay(oracle.end())).overlay();
        assertThat(wanted.length).as(what).isEqualTo(oracle.databasePages() * oracle.pageSize());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(oracle.pageSize());
            for (long number = 1; number <= oracle.databasePages(); number++) {
                if (overlay.read(number, page)) {
                    int at = (int) ((number - 1) * oracle.pageSize());
                    byte[] there = Arrays.copyOfRange(wanted, at, at + oracle.pageSize());
                    assertThat(page.toArray(ValueLayout.JAVA_BYTE)).as(what).isEqualTo(there);
                }
            }
        }
    }

    private static Optional<WalIndexHeader> oracle(SqliteFiles files) throws IOException {
        if (!Files.exists(files.shm())) {
            return Optional.empty();
        }
        try (FileChannel shm = FileChannel.open(files.shm())) {
            return new WalIndex(shm).read() instanceof WalIndexStep.Header(WalIndexHeader header)
                    ? Optional.of(header)
                    : Optional.empty();
        }
    }
}
