package dev.holdfast.tests.bench;

import dev.holdfast.replicator.FollowerEvent;
import dev.holdfast.restore.RestoreOutcome;
import dev.holdfast.restore.RestoreProgress;
import dev.holdfast.restore.RestoreRequest;
import dev.holdfast.restore.Restorer;
import dev.holdfast.restore.Target;
import dev.holdfast.storage.FileObjectStore;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/// The restore of a large database against a copy of the same bytes with fsync, taken in turn.
final class RestoreBench {
    private static final long DATABASE_BYTES = 1L << 30;
    private static final int ROW_BYTES = 64 << 10;
    private static final int ROUNDS = 5;
    private static final int BUFFER_BYTES = 4 << 20;

    private RestoreBench() {}

    static void run(Path folder) throws IOException, SQLException, InterruptedException {
        Path database = folder.resolve("large.db");
        Path archive = folder.resolve("archive");
        write(database);
        long began = System.nanoTime();
        CountDownLatch snapshot = new CountDownLatch(1);
        try (Followed followed =
                new Followed(
                        database,
                        archive,
                        event -> {
                            if (event instanceof FollowerEvent.SnapshotDone) {
                                snapshot.countDown();
                            }
                        })) {
            snapshot.await();
            followed.stop();
        }
        System.out.printf(
                "restore of %,d MB; the first snapshot of it took %.1f s%n",
                Files.size(database) >> 20, secondsSince(began));
        double[] restores = new double[ROUNDS];
        double[] copies = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            copies[i] = copy(database, folder.resolve("copy.db"));
            restores[i] = restore(archive, folder.resolve("restored.db"));
        }
        report("copy + fsync", copies);
        report("restore", restores);
        System.out.printf(
                "  ratio of the medians: restore runs at %.2f of the speed of copy + fsync%n",
                median(copies) / median(restores));
    }

    /// Rows of which a fifth is text that repeats: compresses to about 0.8.
    private static void write(Path database) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode=WAL");
            statement.execute("PRAGMA synchronous=OFF");
            statement.execute("CREATE TABLE blob (id INTEGER PRIMARY KEY, bytes BLOB)");
            connection.setAutoCommit(false);
            SplittableRandom random = new SplittableRandom(1);
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO blob (bytes) VALUES (?)")) {
                for (long written = 0; written < DATABASE_BYTES; written += ROW_BYTES) {
                    byte[] row = new byte[ROW_BYTES];
                    random.nextBytes(row);
                    for (int at = 0; at < ROW_BYTES; at += 1000) {
                        Arrays.fill(row, at, Math.min(ROW_BYTES, at + 200), (byte) 'a');
                    }
                    insert.setBytes(1, row);
                    insert.executeUpdate();
                    if (written % (32 << 20) == 0) {
                        connection.commit();
                    }
                }
            }
            connection.commit();
        }
    }

    private static double copy(Path from, Path to) throws IOException {
        long began = System.nanoTime();
        try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ);
                FileChannel out =
                        FileChannel.open(
                                to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long size = in.size();
            for (long at = 0; at < size; ) {
                at += in.transferTo(at, Math.min(BUFFER_BYTES, size - at), out);
            }
            out.force(true);
        }
        double seconds = secondsSince(began);
        Files.delete(to);
        return seconds;
    }

    private static double restore(Path archive, Path to) throws IOException {
        long began = System.nanoTime();
        try (FileObjectStore store = FileObjectStore.openForReading(archive)) {
            RestoreOutcome outcome =
                    new Restorer(
                                    store,
                                    InstantSource.system(),
                                    RestoreProgress.NONE,
                                    new CountDownLatch(1))
                            .restore(RestoreRequest.of(new Target.Latest(), to));
            if (!(outcome instanceof RestoreOutcome.Restored)) {
                throw new IOException("not restored: " + outcome);
            }
        }
        double seconds = secondsSince(began);
        Files.delete(to);
        try (Stream<Path> state =
                Files.walk(to.resolveSibling("." + to.getFileName() + "-holdfast"))) {
            for (Path file : state.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        return seconds;
    }

    private static void report(String what, double[] seconds) {
        double[] sorted = seconds.clone();
        Arrays.sort(sorted);
        System.out.printf(
                "  %-12s median %.2f s, %.2f to %.2f s%n",
                what, median(seconds), sorted[0], sorted[sorted.length - 1]);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double secondsSince(long began) {
        return (System.nanoTime() - began) / 1e9;
    }
}
