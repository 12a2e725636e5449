package dev.holdfast.tests.bench;

import dev.holdfast.tests.harness.Replication;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Processor time of the follower: for a megabyte of WAL, and while nothing happens.
final class CpuBench {
    private static final Duration IDLE = Duration.ofSeconds(60);

    private CpuBench() {}

    static void run(Path folder, OptionalInt idleSeconds) throws IOException {
        Duration idle = Duration.ofSeconds(idleSeconds.orElse((int) IDLE.toSeconds()));
        of(folder, Workload.Kind.PAGES, 3_000, Duration.ofMillis(5), idle);
        of(folder, Workload.Kind.GROWING_JSON, 400, Duration.ofMillis(50), idle);
        of(folder, Workload.Kind.CHAT, 10_000, Duration.ofMillis(2), idle);
    }

    private static void of(
            Path folder, Workload.Kind kind, int count, Duration pause, Duration idle)
            throws IOException {
        Path database = folder.resolve("cpu.db");
        Path archive = folder.resolve("archive");
        try (BenchApplication application = BenchApplication.start(database, kind);
                Replication replication = Replication.start(database, archive, "--rto", "1h")) {
            replication.awaitEvent("snapshot");
            application.run(count / 5, pause);
            double before = ProcessUse.cpuSeconds(replication.pid());
            application.run(count, pause);
            rest();
            double after = ProcessUse.cpuSeconds(replication.pid());
            // Every rest but the first begins with a ring
            application.run(1, pause);
            rest();
            double resting = ProcessUse.cpuSeconds(replication.pid());
            LockSupport.parkNanos(idle.toNanos());
            double rested = ProcessUse.cpuSeconds(replication.pid());
            replication.stop();
            double megabytes = RawLog.bytes(archive) / 1048576.0 * 5 / 6;
            System.out.printf(
                    "processor time, %s: %.1f ms a megabyte of %,.0f, %.2f ms a commit; idle %.2f"
                            + " %% of a core%n",
                    kind,
                    1000 * (after - before) / megabytes,
                    megabytes,
                    1000 * (after - before) / count,
                    100 * (rested - resting) / idle.toSeconds());
        }
        Bench.remove(archive);
        Bench.removeDatabase(database);
    }

    private static void rest() {
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(3));
    }
}
