package dev.holdfast.tests.bench;

import dev.holdfast.tests.harness.Replication;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalInt;

/// The restore of a snapshot and a long log after it.
final class ReplayBench {
    private static final long LOG_BYTES = 2L << 30;

    private ReplayBench() {}

    static void run(Path folder, OptionalInt rounds) throws IOException {
        replay(folder, Workload.Kind.GROWING_JSON, 550_000, rounds.orElse(5));
        replay(folder, Workload.Kind.PAGES, 50_000, rounds.orElse(5));
    }

    private static void replay(Path folder, Workload.Kind kind, int bytesPerCommit, int rounds)
            throws IOException {
        Path database = folder.resolve("replay.db");
        Path archive = folder.resolve("archive");
        int count = (int) (LOG_BYTES / bytesPerCommit);
        try (BenchApplication application = BenchApplication.start(database, kind);
                Replication replication = Replication.start(database, archive, "--rto", "2h")) {
            replication.awaitEvent("snapshot");
            // Not so fast that the spool would be all there is of it
            application.run(count, Duration.ofNanos(60_000_000_000L / count));
            replication.stop();
        }
        long raw = RawLog.bytes(archive);
        double[] seconds = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            seconds[i] = Comparison.time(() -> Commands.restore(archive, folder.resolve("out.db")));
        }
        Arrays.sort(seconds);
        double median = Comparison.median(seconds);
        System.out.printf(
                "restore of a snapshot and %,d MB of log, %s (%,d MB stored): %.2f s (%.2f to"
                        + " %.2f), %.2f GB/s%n",
                raw >> 20,
                kind,
                Commands.bytes(archive) >> 20,
                median,
                seconds[0],
                seconds[rounds - 1],
                raw / 1e9 / median);
        Bench.remove(archive);
        Bench.removeDatabase(database);
    }
}
