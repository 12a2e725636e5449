package dev.holdfast.tests.bench;

import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Program;
import dev.holdfast.tests.harness.Replication;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Peak resident memory of the installed command.
final class MemoryBench {
    private MemoryBench() {}

    static void run(Path folder, OptionalInt unused) throws IOException, SQLException {
        Path small = folder.resolve("small.db");
        Path archive = folder.resolve("archive");
        try (BenchApplication application = BenchApplication.start(small, Workload.Kind.MESSAGE);
                Replication replication = Replication.start(small, archive)) {
            replication.awaitEvent("snapshot");
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(5));
            double idle = ProcessUse.residentMegabytes(replication.pid());
            application.run(20_000, Duration.ofMillis(1));
            System.out.printf(
                    "resident memory of the follower: %.0f MB idle, at most %.0f MB after 20,000"
                            + " commits at 1,000 a second%n",
                    idle, ProcessUse.peakMegabytes(replication.pid()));
            application.saturate(Duration.ofSeconds(20));
            application.figures();
            System.out.printf(
                    "  and at most %.0f MB with a writer that never pauses%n",
                    ProcessUse.peakMegabytes(replication.pid()));
            replication.stop();
        }
        Bench.remove(archive);
        Path large = folder.resolve("large.db");
        LargeDatabase.write(large);
        try (Replication replication = Replication.start(large, archive)) {
            replication.awaitEvent("snapshot");
            System.out.printf(
                    "  at most %.0f MB after the snapshot of 1 GB%n",
                    ProcessUse.peakMegabytes(replication.pid()));
            replication.stop();
        }
        readers(folder, archive, "1 GB");
        Bench.remove(archive);
        Path changing = folder.resolve("changing.db");
        try (BenchApplication application = BenchApplication.start(changing, Workload.Kind.PAGES);
                Replication replication = Replication.start(changing, archive, "--rto", "2h")) {
            replication.awaitEvent("snapshot");
            application.run(20_000, Duration.ofMillis(1));
            replication.stop();
        }
        readers(folder, archive, "a log of 0.8 GB, all of it random");
    }

    private static void readers(Path folder, Path archive, String what) throws IOException {
        Path out = folder.resolve("out.db");
        System.out.printf(
                "resident memory of restore, %s: at most %.0f MB%n",
                what,
                peak(folder, "restore", "--from", archive.toString(), "--out", out.toString()));
        System.out.printf(
                "resident memory of verify, %s: at most %.0f MB%n",
                what, peak(folder, "verify", "--from", archive.toString()));
        Bench.removeDatabase(out);
    }

    private static double peak(Path folder, String... arguments) throws IOException {
        double peak = 0;
        try (Program program = Holdfast.start(folder, arguments)) {
            while (program.isAlive()) {
                try {
                    peak = Math.max(peak, peakOfLargest(program.pid()));
                } catch (NoSuchFileException _) {
                    // It has just ended
                }
                LockSupport.parkNanos(1_000_000);
            }
            if (program.awaitExit() != 0) {
                throw new IOException(String.join("\n", program.err()));
            }
        }
        return peak;
    }

    /// Of a launcher and what it runs: that of verify does not become Java.
    private static double peakOfLargest(long pid) throws IOException {
        double peak = ProcessUse.peakMegabytes(pid);
        ProcessHandle launcher =
                ProcessHandle.of(pid).orElseThrow(() -> new NoSuchFileException("process " + pid));
        for (ProcessHandle child : launcher.children().toList()) {
            peak = Math.max(peak, ProcessUse.peakMegabytes(child.pid()));
        }
        return peak;
    }
}
