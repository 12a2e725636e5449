package dev.holdfast.wal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/// WALs that SQLite wrote, against the database as SQLite sees it.
class SqliteWalTest {
    @TempDir private Path folder;

    /// Transactions, statements apart by `;`, of all the kinds that write a WAL differently.
    private static final List<String> TRANSACTIONS =
            List.of(
                    "CREATE TABLE t(id INTEGER PRIMARY KEY, x)",
                    "INSERT INTO t(x) VALUES (randomblob(10))",
                    "INSERT INTO t(x) WITH RECURSIVE n(i) AS"
                            + " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)"
                            + " SELECT randomblob(3000) FROM n",
                    // Spills: the cache is small, so pages are written more than once
                    "BEGIN; UPDATE t SET x = randomblob(2500); UPDATE t SET x = randomblob(2800);"
                            + " COMMIT",
                    // Spilled, it would be another test: aSpilledSavepointIsReadOrSaidToBeUnsealed
                    "PRAGMA cache_size=2000; BEGIN; INSERT INTO t(x) VALUES (1); SAVEPOINT s;"
                            + " UPDATE t SET x = randomblob(2000); ROLLBACK TO s;"
                            + " INSERT INTO t(x) VALUES (2); COMMIT; PRAGMA cache_size=5",
                    // Frames that never commit, and are written over by the next transaction
                    "BEGIN; UPDATE t SET x = randomblob(3000); ROLLBACK; INSERT INTO t(x) VALUES"
                            + " (3)",
                    "CREATE INDEX i ON t(x)",
                    "DELETE FROM t WHERE id > 5",
                    "VACUUM",
                    "INSERT INTO t(x) VALUES ('after the vacuum')");

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 2048, 4096, 8192, 16384, 32768, 65536})
    void everyCommitLeadsToTheStateThatSqliteSees(int pageSize) throws IOException {
        try (SqliteWriter writer = SqliteWriter.inWalMode(folder, pageSize)) {
            writer.sql("PRAGMA cache_size=5");
            byte[] base = Files.readAllBytes(writer.database());
            List<byte[]> wanted = new ArrayList<>();
            for (String transaction : TRANSACTIONS) {
                writer.sql(transaction);
                wanted.add(writer.pages(writer.copy()));
            }
            List<byte[]> found = writer.copy().statesAfterEachCommit(base);
            assertThat(found).hasSameSizeAs(wanted);
            for (int i = 0; i < wanted.size(); i++) {
                assertThat(found.get(i)).as(TRANSACTIONS.get(i)).isEqualTo(wanted.get(i));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096, 65536})
    void anOverlayOnTheDatabaseFileIsTheStateAtItsLimit(int pageSize) throws IOException {
        try (SqliteWriter writer = SqliteWriter.inWalMode(folder, pageSize)) {
            byte[] base = Files.readAllBytes(writer.database());
            List<WalPosition> limits = new ArrayList<>();
            List<byte[]> wanted = new ArrayList<>();
            for (String transaction : TRANSACTIONS) {
                writer.sql(transaction);
                SqliteFiles files = writer.copy();
                limits.add(files.oracle().end());
                wanted.add(writer.pages(files));
            }
            try (WalFile wal = WalFile.open(writer.copy().wal())) {
                for (int i = 0; i < limits.size(); i++) {
                    WalOverlayStep step = wal.overlay(limits.get(i));
                    assertThat(step).isInstanceOf(WalOverlayStep.Found.class);
                    if (step instanceof WalOverlayStep.Found(WalOverlay overlay)) {
                        assertThat(laidOver(base, overlay)).isEqualTo(wanted.get(i));
                    }
                }
            }
        }
    }

    private static byte[] laidOver(byte[] base, WalOverlay overlay) throws IOException {
        int pageSize = overlay.pageSize();
        int databasePages = Math.toIntExact(overlay.databasePages().orElseThrow());
        byte[] state = new byte[databasePages * pageSize];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(pageSize);
            for (int number = 1; number <= databasePages; number++) {
                int at = (number - 1) * pageSize;
                if (overlay.read(number, page)) {
                    MemorySegment.copy(page, ValueLayout.JAVA_BYTE, 0, state, at, pageSize);
                } else {
                    System.arraycopy(base, at, state, at, pageSize);
                }
            }
        }
        return state;
    }

    @Test
    void aTransactionThatWasSpilledAndWentBackToASavepointIsReadAsItCommitted() throws IOException {
        try (SqliteWriter writer = SqliteWriter.newestInWalMode(folder, 1024)) {
            assertSpilledSavepointIsRead(writer);
        }
    }

    /// An older SQLite may leave the frames of such a commit without checksums. Then there is
    /// nothing to prove it by, and it must be said.
    @Test
    void aSpilledSavepointIsReadOrSaidToBeUnsealed() throws IOException {
        try (SqliteWriter writer = SqliteWriter.inWalMode(folder, 1024)) {
            assertThat(spilledSavepoint(writer))
                    .isInstanceOfAny(WalStep.Committed.class, WalBreak.Unsealed.class);
        }
    }

    private static void assertSpilledSavepointIsRead(SqliteWriter writer) throws IOException {
        byte[] base = Files.readAllBytes(writer.database());
        assertThat(spilledSavepoint(writer)).isInstanceOf(WalStep.Committed.class);
        SqliteFiles files = writer.copy();
        assertThat(files.statesAfterEachCommit(base).getLast()).isEqualTo(writer.pages(files));
    }

    private static WalStep spilledSavepoint(SqliteWriter writer) throws IOException {
        writer.sql("PRAGMA cache_size=5");
        for (String transaction : TRANSACTIONS.subList(0, 4)) {
            writer.sql(transaction);
        }
        writer.sql("BEGIN; INSERT INTO t(x) VALUES (1); SAVEPOINT s");
        writer.sql("UPDATE t SET x = randomblob(2000); ROLLBACK TO s");
        writer.sql("INSERT INTO t(x) VALUES (2); COMMIT");
        SqliteFiles files = writer.copy();
        try (WalFile wal = WalFile.open(files.wal())) {
            return wal.read(wal.start(files.oracle()).orElseThrow(), files.oracle(), _ -> {});
        }
    }

    @Test
    void aLiveWritersCommitsAreAllSeenOnceAndInOrder() throws IOException {
        int transactions = 2000;
        try (SqliteWriter writer = SqliteWriter.inWalMode(folder, 1024)) {
            writer.sql("PRAGMA synchronous=OFF");
            byte[] base = Files.readAllBytes(writer.database());
            writer.sql("CREATE TABLE t(id INTEGER PRIMARY KEY, x)");
            SqliteFiles live = new SqliteFiles(writer.database());
            Follower follower = new Follower(live, base);
            writer.beginBurst(transactions);
            while (!writer.hasReplied()) {
                follower.look();
            }
            assertThat(writer.reply()).isEmpty();
            follower.look();
            assertThat(follower.commits).isEqualTo(1 + transactions);
            assertThat(follower.replica.pages()).isEqualTo(writer.pages(writer.copy()));
        }
    }

    /// Looks at a WAL that is being written, from position to position.
    private static final class Follower {
        private final SqliteFiles files;
        private final Replica replica;
        private WalPosition position;
        private int commits;

        Follower(SqliteFiles files, byte[] base) throws IOException {
            this.files = files;
            WalIndexHeader oracle = files.oracle();
            replica = new Replica(base, oracle.pageSize());
            try (WalFile wal = WalFile.open(files.wal())) {
                position = wal.start(oracle).orElseThrow();
            }
        }

        void look() throws IOException {
            WalIndexHeader oracle = files.oracle();
            try (WalFile wal = WalFile.open(files.wal())) {
                switch (wal.read(position, oracle, replica::apply)) {
                    case WalStep.Committed(WalPosition end, int count, _) -> {
                        position = end;
                        commits += count;
                    }
                    case WalStep.CaughtUp() -> assertThat(position).isEqualTo(oracle.end());
                    case WalBreak wrong -> throw new AssertionError(wrong);
                }
            }
        }
    }

    @Test
    void aCommitWhoseWriterDiedBeforeTheWalIndexMovedIsNotVisited() throws IOException {
        try (SqliteWriter writer = SqliteWriter.inWalMode(folder, 1024)) {
            byte[] base = Files.readAllBytes(writer.database());
            writer.sql("CREATE TABLE t(id INTEGER PRIMARY KEY, x)");
            SqliteFiles before = writer.copy();
            writer.sql("INSERT INTO t(x) VALUES ('never happened')");
            Files.copy(writer.copy().wal(), before.wal(), StandardCopyOption.REPLACE_EXISTING);
            assertThat(before.statesAfterEachCommit(base)).hasSize(1);
        }
    }
}
