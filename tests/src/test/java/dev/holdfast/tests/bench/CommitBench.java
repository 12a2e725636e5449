package dev.holdfast.tests.bench;

import dev.holdfast.tests.harness.Replication;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalInt;

/// What an application feels of it: its commits at 1,000 a second with and without, taken in turn.
final class CommitBench {
    private static final int COUNT = 10_000;
    private static final Duration PAUSE = Duration.ofMillis(1);

    private CommitBench() {}

    static void run(Path folder, OptionalInt wantedRounds) throws IOException {
        int rounds = wantedRounds.orElse(7);
        BenchApplication.Figures[] without = new BenchApplication.Figures[rounds];
        BenchApplication.Figures[] with = new BenchApplication.Figures[rounds];
        for (int i = 0; i < rounds; i++) {
            without[i] = without(folder.resolve("commit.db"));
            with[i] = with(folder.resolve("commit.db"), folder.resolve("archive"));
        }
        System.out.printf("an application's commits, %,d a second%n", 1000);
        for (Percentile percentile : Percentile.values()) {
            double[] a = values(percentile, without);
            double[] b = values(percentile, with);
            System.out.printf(
                    "  %-5s %.3f ms without (%.3f to %.3f), %.3f ms with (%.3f to %.3f): %.2f%n",
                    percentile.name,
                    Comparison.median(a),
                    Arrays.stream(a).min().orElse(0),
                    Arrays.stream(a).max().orElse(0),
                    Comparison.median(b),
                    Arrays.stream(b).min().orElse(0),
                    Arrays.stream(b).max().orElse(0),
                    Comparison.median(b) / Comparison.median(a));
        }
    }

    private enum Percentile {
        P50("p50"),
        P99("p99"),
        P999("p99.9");

        private final String name;

        Percentile(String name) {
            this.name = name;
        }

        double of(BenchApplication.Figures figures) {
            return switch (this) {
                case P50 -> figures.p50();
                case P99 -> figures.p99();
                case P999 -> figures.p999();
            };
        }
    }

    private static double[] values(Percentile percentile, BenchApplication.Figures[] rounds) {
        return Arrays.stream(rounds).mapToDouble(percentile::of).toArray();
    }

    private static BenchApplication.Figures without(Path database) throws IOException {
        try (BenchApplication application =
                BenchApplication.start(database, Workload.Kind.MESSAGE)) {
            return measured(application);
        } finally {
            Bench.removeDatabase(database);
        }
    }

    private static BenchApplication.Figures with(Path database, Path archive) throws IOException {
        try (BenchApplication application =
                        BenchApplication.start(database, Workload.Kind.MESSAGE);
                Replication replication = Replication.start(database, archive)) {
            replication.awaitEvent("snapshot");
            BenchApplication.Figures figures = measured(application);
            replication.stop();
            return figures;
        } finally {
            Bench.remove(archive);
            Bench.removeDatabase(database);
        }
    }

    /// After a few seconds in which both compile.
    private static BenchApplication.Figures measured(BenchApplication application) {
        application.run(COUNT / 3, PAUSE);
        return application.run(COUNT, PAUSE);
    }
}
