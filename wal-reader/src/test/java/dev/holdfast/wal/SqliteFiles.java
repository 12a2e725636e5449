package dev.holdfast.wal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A database, its WAL and its wal-index, without a connection in this process.
record SqliteFiles(Path database) {
    Path wal() {
        return Path.of(database + "-wal");
    }

    Path shm() {
        return Path.of(database + "-shm");
    }

    WalIndexHeader oracle() throws IOException {
        try (FileChannel channel = FileChannel.open(shm())) {
            WalIndex index = new WalIndex(channel);
            WalIndexStep step = index.read();
            // A live writer can lose the processor in the midst of the header
            for (int i = 0; i < 100_000 && step instanceof WalIndexStep.Torn; i++) {
                Thread.onSpinWait();
                step = index.read();
            }
            return ((WalIndexStep.Header) step).header();
        }
    }

    /// The state after each commit of the WAL, laid over `base`, each of which is one page image
    /// after the other.
    List<byte[]> statesAfterEachCommit(byte[] base) throws IOException {
        WalIndexHeader oracle = oracle();
        List<byte[]> states = new ArrayList<>();
        Replica replica = new Replica(base, oracle.pageSize());
        try (WalFile wal = WalFile.open(wal())) {
            WalPosition start = wal.start(oracle).orElseThrow();
            WalStep step =
                    wal.read(
                            start,
                            oracle,
                            commit -> {
                                replica.apply(commit);
                                states.add(replica.pages());
                            });
            if (!(step instanceof WalStep.Committed(WalPosition end, int commits, long frames))
                    || !end.equals(oracle.end())
                    || commits != states.size()
                    || frames != oracle.maxFrame()) {
                throw new AssertionError(step);
            }
        }
        return states;
    }
}
