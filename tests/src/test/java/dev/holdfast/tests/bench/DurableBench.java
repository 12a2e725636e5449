package dev.holdfast.tests.bench;

import dev.holdfast.format.Micros;
import dev.holdfast.replicator.FollowerEnd;
import dev.holdfast.replicator.FollowerEvent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;

/// How long after an application's COMMIT has returned the store has acknowledged it.
final class DurableBench {
    private static final int COMMITS_PER_SECOND = 100;
    private static final int COUNT = 2_000;

    /// Left out: the first second, in which Java compiles.
    private static final int WARM_UP = 200;

    private DurableBench() {}

    static void run(Path folder) throws IOException, InterruptedException {
        Path database = folder.resolve("bench.db");
        ConcurrentSkipListMap<Long, Long> durableAt = new ConcurrentSkipListMap<>();
        long[] committedAt;
        FollowerEnd end;
        try (Followed followed =
                new Followed(
                        database,
                        folder.resolve("archive"),
                        event -> {
                            if (event
                                    instanceof
                                    FollowerEvent.Durable(long tx, long _, long _, long _)) {
                                durableAt.put(tx, Micros.of(Instant.now()));
                            }
                        })) {
            Duration pause = Duration.ofSeconds(1).dividedBy(COMMITS_PER_SECOND);
            committedAt = BenchWriter.times(BenchWriter.start(database, COUNT, pause));
            end = followed.stop();
        }
        long firstTx = end.capturedTx() - COUNT + 1;
        long[] lags = new long[COUNT - WARM_UP];
        for (int i = WARM_UP; i < COUNT; i++) {
            Map.Entry<Long, Long> acknowledged = durableAt.ceilingEntry(firstTx + i);
            if (acknowledged == null) {
                throw new IOException("transaction " + (firstTx + i) + " never became durable");
            }
            lags[i - WARM_UP] = acknowledged.getValue() - committedAt[i];
        }
        Arrays.sort(lags);
        System.out.printf(
                "commit to durable in a folder, %d commits/s, %d commits: p50 %.1f ms, p99 %.1f ms,"
                        + " longest %.1f ms%n",
                COMMITS_PER_SECOND,
                lags.length,
                percentile(lags, 50),
                percentile(lags, 99),
                percentile(lags, 100));
        System.out.printf(
                "  shipped: %,d bytes a commit, log objects included%n",
                bytes(folder.resolve("archive/log")) / COUNT);
    }

    private static double percentile(long[] sortedMicros, int percent) {
        int index = Math.min(sortedMicros.length - 1, sortedMicros.length * percent / 100);
        return sortedMicros[index] / 1000.0;
    }

    private static long bytes(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            long sum = 0;
            for (Path file : files.toList()) {
                sum += Files.size(file);
            }
            return sum;
        }
    }
}
