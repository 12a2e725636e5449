package dev.holdfast.tests.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;

/// An application in a process of its own, told what to do by lines of standard input; answers each
/// with a line of JSON. [BenchApplication] is its other end.
public final class BenchWriter {
    private final Workload workload;

    private BenchWriter(Workload workload) {
        this.workload = workload;
    }

    /// Writes until its input ends.
    ///
    /// @param args database, kind of workload
    public static void main(String[] args) throws SQLException, IOException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + args[0]);
                Statement statement = connection.createStatement();
                BufferedReader in =
                        new BufferedReader(
                                new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            statement.execute("PRAGMA journal_mode=WAL");
            statement.execute("PRAGMA synchronous=NORMAL");
            statement.execute("PRAGMA busy_timeout=30000");
            BenchWriter writer =
                    new BenchWriter(new Workload(Workload.Kind.valueOf(args[1]), connection));
            System.out.println("{\"is_ready\":true}");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                System.out.println(writer.obey(line.split(" ", -1)));
            }
        }
    }

    private String obey(String[] words) throws SQLException, IOException {
        return switch (words[0]) {
            case "run" -> run(Integer.parseInt(words[1]), Long.parseLong(words[2]), words[3]);
            case "never-checkpoint" -> neverCheckpoint();
            case "saturate" -> saturate(TimeUnit.SECONDS.toNanos(Long.parseLong(words[1])));
            default -> throw new IllegalArgumentException("unknown command " + words[0]);
        };
    }

    /// Commits at a steady pace.
    ///
    /// @param times file for the moments when each commit had returned, in microseconds since 1970
    private String run(int count, long pauseMicros, String times) throws SQLException, IOException {
        Latencies latencies = new Latencies();
        long[] returned = new long[count];
        long began = System.nanoTime();
        for (int i = 0; i < count; i++) {
            LockSupport.parkNanos(began + i * pauseMicros * 1000 - System.nanoTime());
            latencies.add(commit());
            returned[i] = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
        }
        List<String> lines = LongStream.of(returned).mapToObj(String::valueOf).toList();
        Files.write(Path.of(times), lines, StandardCharsets.UTF_8);
        return json(latencies, began);
    }

    private String neverCheckpoint() throws SQLException {
        workload.neverCheckpoint();
        return "{}";
    }

    /// Commits without any pause.
    private String saturate(long nanos) throws SQLException {
        Latencies latencies = new Latencies();
        long began = System.nanoTime();
        while (System.nanoTime() - began < nanos) {
            latencies.add(commit());
        }
        return json(latencies, began);
    }

    private long commit() throws SQLException {
        long began = System.nanoTime();
        workload.commit();
        return System.nanoTime() - began;
    }

    private static String json(Latencies latencies, long began) {
        return String.format(
                Locale.ROOT,
                "{\"commits\":%d,\"seconds\":%.3f,\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f,"
                        + "\"longest\":%.3f}",
                latencies.count(),
                (System.nanoTime() - began) / 1e9,
                latencies.millis(0.5),
                latencies.millis(0.99),
                latencies.millis(0.999),
                latencies.longestMillis());
    }
}
