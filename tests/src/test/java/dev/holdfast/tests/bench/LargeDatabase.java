package dev.holdfast.tests.bench;

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
import java.util.Arrays;
import java.util.SplittableRandom;

/// A database of a gigabyte whose rows repeat a fifth of themselves: compresses to about 0.8.
final class LargeDatabase {
    static final long BYTES = 1L << 30;

    private static final int ROW_BYTES = 64 << 10;
    private static final int ROWS_PER_COMMIT = 512;
    private static final int BUFFER_BYTES = 4 << 20;

    private LargeDatabase() {}

    static void write(Path database) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode=WAL");
            statement.execute("PRAGMA synchronous=OFF");
            statement.execute("CREATE TABLE blob (id INTEGER PRIMARY KEY, bytes BLOB)");
            connection.setAutoCommit(false);
            SplittableRandom random = new SplittableRandom(1);
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO blob (bytes) VALUES (?)")) {
                for (int row = 1; (long) row * ROW_BYTES <= BYTES; row++) {
                    insert.setBytes(1, row(random));
                    insert.executeUpdate();
                    if (row % ROWS_PER_COMMIT == 0) {
                        connection.commit();
                    }
                }
            }
            connection.commit();
        }
    }

    /// Random bytes, but for 200 of each 1,000.
    private static byte[] row(SplittableRandom random) {
        byte[] row = new byte[ROW_BYTES];
        random.nextBytes(row);
        for (int at = 0; at < ROW_BYTES; at += 1000) {
            Arrays.fill(row, at, Math.min(ROW_BYTES, at + 200), (byte) 'a');
        }
        return row;
    }

    /// Reads a file, writes its bytes to a new one, forces that, and removes it.
    static void copy(Path from, Path to) throws IOException {
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
        Files.delete(to);
    }
}
