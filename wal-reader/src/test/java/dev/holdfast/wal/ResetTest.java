package dev.holdfast.wal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/// What checkpoints, crashes and the last close do to a WAL that is being followed.
class ResetTest {
    @TempDir private Path folder;

    @Test
    void aResetIsARestartAndTheNewGenerationHasAStartOnceItHasACommit() throws IOException {
        try (SqliteWriter writer = SqliteWriter.inWalMode(folder, 4096)) {
            writer.sql("CREATE TABLE t(x); INSERT INTO t VALUES (1)");
            SqliteFiles before = writer.copy();
            WalPosition end = before.oracle().end();
            writer.sql("PRAGMA wal_checkpoint(RESTART)");
            SqliteFiles atReset = writer.copy();
            assertThat(atReset.oracle().isBackfilled()).isTrue();
            writer.sql("INSERT INTO t VALUES (2)");
            byte[] base = Files.readAllBytes(writer.database());
            SqliteFiles after = writer.copy();

            assertThat(after.oracle().maxFrame()).isEqualTo(1);
            try (WalFile wal = WalFile.open(after.wal())) {
                assertThat(wal.read(end, after.oracle(), ResetTest::fail))
                        .isEqualTo(
                                new WalBreak.Restarted(
                                        after.oracle().salt1(), after.oracle().salt2()));
                assertThat(wal.stillInPlace(end)).isFalse();
            }
            assertThat(after.statesAfterEachCommit(base).getLast()).isEqualTo(writer.pages(after));
        }
    }

    @Test
    void aResetByATransactionThatHasNotCommittedYetIsAStartWithNothingToRead() throws IOException {
        try (SqliteWriter writer = SqliteWriter.inWalMode(folder, 4096)) {
            writer.sql("CREATE TABLE t(x); INSERT INTO t VALUES (1)");
            WalPosition end = writer.copy().oracle().end();
            writer.sql("PRAGMA wal_checkpoint(RESTART); PRAGMA cache_size=5");
            writer.sql("BEGIN; INSERT INTO t VALUES (randomblob(200000))");
            SqliteFiles files = writer.copy();
            WalIndexHeader oracle = files.oracle();
            assertThat(oracle.maxFrame()).isZero();
            try (WalFile wal = WalFile.open(files.wal())) {
                assertThat(wal.read(end, oracle, ResetTest::fail))
                        .isInstanceOf(WalBreak.Restarted.class);
                WalPosition start = wal.start(oracle).orElseThrow();
                assertThat(wal.read(start, oracle, ResetTest::fail))
                        .isEqualTo(new WalStep.CaughtUp());
            }
        }
    }

    @Test
    void aTruncatingCheckpointLeavesAnEmptyWalAndANewGeneration() throws IOException {
        try (SqliteWriter writer = SqliteWriter.inWalMode(folder, 4096)) {
            writer.sql("CREATE TABLE t(x); INSERT INTO t VALUES (1)");
            WalPosition end = writer.copy().oracle().end();
            writer.sql("PRAGMA wal_checkpoint(TRUNCATE)");
            SqliteFiles files = writer.copy();
            try (WalFile wal = WalFile.open(files.wal())) {
                assertThat(wal.header()).isEqualTo(new WalHeaderStep.Empty());
                assertThat(wal.stillInPlace(end)).isFalse();
                assertThat(wal.read(end, files.oracle(), ResetTest::fail))
                        .isInstanceOf(WalBreak.Restarted.class);
            }
        }
    }

    @Test
    void resetsAreCountedOneThatHadNothingToDoToo() throws IOException {
        try (SqliteWriter writer = SqliteWriter.inWalMode(folder, 4096)) {
            writer.sql("CREATE TABLE t(x)");
            WalPosition first = writer.copy().oracle().end();
            writer.sql("INSERT INTO t VALUES (1)");
            WalPosition second = writer.copy().oracle().end();
            assertThat(second.resetsSince(first)).isZero();
            writer.sql("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_checkpoint(TRUNCATE)");
            WalPosition third = writer.copy().oracle().end();
            assertThat(third.resetsSince(first)).isEqualTo(2);
            writer.sql("INSERT INTO t VALUES (2); PRAGMA wal_checkpoint(RESTART)");
            WalPosition fourth = writer.copy().oracle().end();
            assertThat(fourth.resetsSince(third)).isZero();
            writer.sql("INSERT INTO t VALUES (3)");
            WalPosition fifth = writer.copy().oracle().end();
            assertThat(fifth.resetsSince(first)).isEqualTo(3);
            assertThat(first.resetsSince(fifth)).isEqualTo(-3);
        }
    }

    @Test
    void resetsAreCountedAcrossTheLargestSalt() {
        WalPosition before = new WalPosition(-2, 1, 1, 0, 0);
        assertThat(new WalPosition(1, 9, 0, 0, 0).resetsSince(before)).isEqualTo(3);
        WalPosition middle = new WalPosition(Integer.MAX_VALUE, 1, 1, 0, 0);
        assertThat(new WalPosition(Integer.MIN_VALUE, 9, 0, 0, 0).resetsSince(middle)).isOne();
    }

    @Test
    void theLastToCloseDeletesTheWalAndTheNextBeginsAtRandom() throws IOException {
        try (SqliteWriter writer = SqliteWriter.inWalMode(folder, 4096)) {
            writer.sql("CREATE TABLE t(x)");
            WalPosition end = writer.copy().oracle().end();
            writer.closeDatabase();
            assertThat(Files.exists(new SqliteFiles(writer.database()).wal())).isFalse();
            writer.reopen();
            writer.sql("INSERT INTO t VALUES (1)");
            SqliteFiles files = writer.copy();
            assertThat(files.oracle().end().sameGeneration(end)).isFalse();
        }
    }

    @Test
    void aTailThatWasLostAndWrittenAgainIsRewritten() throws IOException {
        SqliteFiles crashed;
        WalPosition kept;
        WalPosition lost;
        try (SqliteWriter writer = SqliteWriter.inWalMode(folder, 4096)) {
            writer.sql("CREATE TABLE t(x); INSERT INTO t VALUES (1)");
            kept = writer.copy().oracle().end();
            writer.sql("INSERT INTO t VALUES (2)");
            lost = writer.copy().oracle().end();
            crashed = new SqliteFiles(writer.database());
        }
        // As after a power loss: the last frame never reached the disk, and there is no wal-index
        try (RandomAccessFile wal = new RandomAccessFile(crashed.wal().toFile(), "rw")) {
            wal.setLength(WalFrame.offset(lost.frame(), 4096));
        }
        Files.delete(crashed.shm());
        try (SqliteWriter writer = SqliteWriter.reopening(folder)) {
            writer.sql("PRAGMA wal_autocheckpoint=0; INSERT INTO t VALUES (3)");
            SqliteFiles files = writer.copy();
            WalIndexHeader oracle = files.oracle();
            assertThat(oracle.maxFrame()).isEqualTo(lost.frame());
            assertThat(oracle.end().sameGeneration(lost)).isTrue();
            try (WalFile wal = WalFile.open(files.wal())) {
                assertThat(wal.stillInPlace(lost)).isFalse();
                assertThat(wal.stillInPlace(kept)).isTrue();
                assertThat(wal.read(lost, oracle, ResetTest::fail))
                        .isEqualTo(new WalBreak.Rewritten(lost));
            }
            writer.sql("INSERT INTO t VALUES (4)");
            SqliteFiles later = writer.copy();
            try (WalFile wal = WalFile.open(later.wal())) {
                assertThat(wal.read(lost, later.oracle(), ResetTest::fail))
                        .isEqualTo(new WalBreak.Rewritten(lost));
                assertThat(wal.read(kept, later.oracle(), _ -> {}))
                        .isEqualTo(new WalStep.Committed(later.oracle().end(), 2, 2));
            }
        }
    }

    private static void fail(WalCommit commit) {
        throw new AssertionError("visited " + commit.end());
    }
}
