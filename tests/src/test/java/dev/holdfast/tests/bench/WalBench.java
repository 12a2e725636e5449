package dev.holdfast.tests.bench;

import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Replication;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/// How long the WAL gets, and for how long Holdfast held the write lock: at 1,000 commits a second,
/// and with a writer that never pauses.
final class WalBench {
    private WalBench() {}

    static void run(Path folder, OptionalInt seconds) throws IOException {
        Duration time = Duration.ofSeconds(seconds.orElse(30));
        for (Workload.Kind kind : List.of(Workload.Kind.MESSAGE, Workload.Kind.PAGES)) {
            steady(folder, kind, time);
            BenchApplication.Figures alone = saturatedAlone(folder, kind, time, _ -> {});
            saturated(folder, kind, time, _ -> {}, alone);
        }
    }

    /// A writer that never pauses and never checkpoints, so that only the last resort is left.
    static void runEndless(Path folder, OptionalInt seconds) throws IOException {
        Duration time = Duration.ofSeconds(seconds.orElse(30));
        System.out.print("wal_autocheckpoint=0: ");
        Setting never = BenchApplication::neverCheckpoint;
        saturated(
                folder,
                Workload.Kind.MESSAGE,
                time,
                never,
                saturatedAlone(folder, Workload.Kind.MESSAGE, time, never));
    }

    /// What an application is told before it begins.
    private interface Setting {
        void on(BenchApplication application);
    }

    private static void steady(Path folder, Workload.Kind kind, Duration time) throws IOException {
        Path database = folder.resolve("wal.db");
        try (BenchApplication application = BenchApplication.start(database, kind);
                Replication replication = Replication.attach(database, folder.resolve("archive"))) {
            application.run((int) time.toMillis(), Duration.ofMillis(1));
            replication.stop();
            System.out.printf("%s, 1,000 commits a second, %d s%n", kind, time.toSeconds());
            print(database, replication);
        }
        removeAll(folder);
    }

    private static BenchApplication.Figures saturatedAlone(
            Path folder, Workload.Kind kind, Duration time, Setting setting) throws IOException {
        try (BenchApplication application =
                BenchApplication.start(folder.resolve("wal.db"), kind)) {
            setting.on(application);
            application.saturate(time);
            return application.figures();
        } finally {
            removeAll(folder);
        }
    }

    private static void saturated(
            Path folder,
            Workload.Kind kind,
            Duration time,
            Setting setting,
            BenchApplication.Figures alone)
            throws IOException {
        Path database = folder.resolve("wal.db");
        try (BenchApplication application = BenchApplication.start(database, kind);
                Replication replication = Replication.attach(database, folder.resolve("archive"))) {
            setting.on(application);
            application.saturate(time);
            BenchApplication.Figures with = application.figures();
            replication.stop();
            System.out.printf("%s, without any pause, %d s%n", kind, time.toSeconds());
            print(database, replication);
            print("without", alone);
            print("with", with);
        }
        removeAll(folder);
    }

    private static void removeAll(Path folder) throws IOException {
        Bench.remove(folder.resolve("archive"));
        Bench.removeDatabase(folder.resolve("wal.db"));
    }

    /// The file never shrinks while it is used.
    private static void print(Path database, Replication replication) throws IOException {
        Path wal = database.resolveSibling(database.getFileName() + "-wal");
        List<Json> held =
                replication.events().stream()
                        .filter(event -> event.text("event").equals("took_over"))
                        .toList();
        double[] millis =
                held.stream().mapToDouble(each -> 1000 * each.decimal("held_seconds")).toArray();
        System.out.printf("  WAL at most %,.1f MB%n", Files.size(wal) / 1048576.0);
        if (millis.length > 0) {
            System.out.printf(
                    "  write lock held %d times, %d of them to the end: median %.1f ms, longest"
                            + " %.1f ms; over 5 ms: %d%n",
                    millis.length,
                    held.stream().filter(each -> each.flag("landed")).count(),
                    Comparison.median(millis),
                    Arrays.stream(millis).max().orElse(0),
                    Arrays.stream(millis).filter(each -> each > 5).count());
        } else {
            System.out.println("  write lock never held");
        }
        replication.events().stream()
                .filter(event -> event.text("event").equals("braked"))
                .forEach(braked ->
                        System.out.printf(
                                "  slowed down: write lock held %d times for %.1f ms at most%n",
                                braked.number("times"), 1000 * braked.decimal("longest_seconds")));
    }

    private static void print(String how, BenchApplication.Figures figures) {
        System.out.printf(
                "  %s: %,.0f commits/s, p50 %.3f ms, p99 %.3f ms, p99.9 %.3f ms, longest %.1f ms%n",
                how,
                figures.commits() / figures.seconds(),
                figures.p50(),
                figures.p99(),
                figures.p999(),
                figures.longest());
    }
}
