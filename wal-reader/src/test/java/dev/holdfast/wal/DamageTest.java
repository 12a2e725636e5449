package dev.holdfast.wal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;

/// A small WAL of SQLite's with one thing wrong: nothing but its very commits may come out of it.
class DamageTest {
    private static final int PAGE = 512;

    @TempDir private Path folder;
    private SqliteFiles files;
    private WalIndexHeader oracle;
    private WalPosition start;
    private byte[] base;
    private byte[] good;
    private List<byte[]> states;

    @BeforeEach
    void writeSmallWal() throws IOException {
        try (SqliteWriter writer = SqliteWriter.inWalMode(folder, PAGE)) {
            base = Files.readAllBytes(writer.database());
            writer.sql("CREATE TABLE t(x); INSERT INTO t VALUES (randomblob(900))");
            writer.sql("INSERT INTO t VALUES (3)");
            files = writer.copy();
            states = files.statesAfterEachCommit(base);
        }
        oracle = files.oracle();
        good = Files.readAllBytes(files.wal());
        try (WalFile wal = WalFile.open(files.wal())) {
            start = wal.start(oracle).orElseThrow();
        }
    }

    @Test
    void anyFlippedBitOfAnyFrameKeepsEverythingBack() throws IOException {
        try (FileChannel channel = FileChannel.open(files.wal(), StandardOpenOption.WRITE);
                WalFile wal = WalFile.open(files.wal())) {
            for (int bit = 8 * WalHeader.BYTES; bit < 8 * good.length; bit++) {
                int at = bit / 8;
                writeByte(channel, at, (byte) (good[at] ^ 1 << bit % 8));
                int frame = 1 + (at - WalHeader.BYTES) / WalFrame.bytes(PAGE);
                assertThat(wal.read(start, oracle, DamageTest::fail))
                        .as("bit %d", bit)
                        .isEqualTo(new WalBreak.Torn(frame));
                assertThat(wal.overlay(oracle.end())).isEqualTo(new WalBreak.Torn(frame));
                writeByte(channel, at, good[at]);
            }
            assertThat(wal.read(start, oracle, _ -> {})).isInstanceOf(WalStep.Committed.class);
        }
    }

    @Test
    void anyFlippedBitOfTheHeaderLeavesTheWalWithoutAStart() throws IOException {
        try (FileChannel channel = FileChannel.open(files.wal(), StandardOpenOption.WRITE);
                WalFile wal = WalFile.open(files.wal())) {
            for (int bit = 0; bit < 8 * WalHeader.BYTES; bit++) {
                int at = bit / 8;
                writeByte(channel, at, (byte) (good[at] ^ 1 << bit % 8));
                assertThat(wal.start(oracle)).as("bit %d", bit).isEmpty();
                assertThat(wal.overlay(oracle.end())).isEqualTo(new WalBreak.Torn(0));
                writeByte(channel, at, good[at]);
            }
        }
    }

    @Test
    void aWalCutOffAnywhereKeepsEverythingBack() throws IOException {
        try (FileChannel channel = FileChannel.open(files.wal(), StandardOpenOption.WRITE);
                WalFile wal = WalFile.open(files.wal())) {
            for (int length = good.length - 1; length >= 0; length--) {
                channel.truncate(length);
                int whole = Math.max(0, length - WalHeader.BYTES) / WalFrame.bytes(PAGE);
                assertThat(wal.read(start, oracle, DamageTest::fail))
                        .as("length %d", length)
                        .isEqualTo(new WalBreak.Torn(whole + 1));
            }
        }
    }

    @Test
    void anyFlippedBitOfTheWalIndexGivesTheSameCommitsOrNone() throws IOException {
        byte[] shm = Arrays.copyOf(Files.readAllBytes(files.shm()), WalIndexHeader.BYTES);
        for (int bit = 0; bit < 8 * shm.length; bit++) {
            byte[] flipped = shm.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(files.shm(), flipped);
            try (FileChannel channel = FileChannel.open(files.shm())) {
                if (new WalIndex(channel).read() instanceof WalIndexStep.Header) {
                    List<byte[]> found = files.statesAfterEachCommit(base);
                    assertThat(found).hasSameSizeAs(states);
                    assertThat(found.getLast()).isEqualTo(states.getLast());
                }
            }
        }
    }

    private static void writeByte(FileChannel channel, int at, byte value) throws IOException {
        channel.write(ByteBuffer.wrap(new byte[] {value}), at);
    }

    private static void fail(WalCommit commit) {
        throw new AssertionError("visited " + commit.end());
    }
}
