package dev.holdfast.tests.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// An application in a process of its own: commits one row at a steady rate, and prints when each
/// commit had returned.
public final class BenchWriter {
    private static final int MESSAGE_BYTES = 400;

    private BenchWriter() {}

    /// Commits, then prints the times.
    ///
    /// @param args database, count, pause between two commits in microseconds
    public static void main(String[] args) throws SQLException {
        int count = Integer.parseInt(args[1]);
        long pauseNanos = Duration.of(Long.parseLong(args[2]), ChronoUnit.MICROS).toNanos();
        List<Long> times = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + args[0]);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode=WAL");
            statement.execute("PRAGMA synchronous=NORMAL");
            statement.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, text BLOB)");
            try (PreparedStatement insert =
                    connection.prepareStatement(
                            "INSERT INTO message (text) VALUES (randomblob("
                                    + MESSAGE_BYTES
                                    + "))")) {
                long next = System.nanoTime();
                for (int i = 0; i < count; i++) {
                    next += pauseNanos;
                    LockSupport.parkNanos(next - System.nanoTime());
                    insert.executeUpdate();
                    times.add(ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()));
                }
            }
        }
        times.forEach(System.out::println);
    }

    /// Starts it; the times are read with [#times].
    static Process start(Path database, int count, Duration pause) throws IOException {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BenchWriter.class.getName(),
                        database.toString(),
                        String.valueOf(count),
                        String.valueOf(pause.toNanos() / 1000))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /// When each commit had returned, in microseconds since 1970; waits for the writer's end.
    static long[] times(Process writer) throws IOException, InterruptedException {
        long[] times;
        try (BufferedReader lines = writer.inputReader(StandardCharsets.US_ASCII)) {
            times = lines.lines().mapToLong(Long::parseLong).toArray();
        }
        if (writer.waitFor() != 0) {
            throw new IOException("the writer ended with " + writer.exitValue());
        }
        return times;
    }
}
