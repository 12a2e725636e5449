package dev.holdfast.tests.bench;

import dev.holdfast.tests.harness.Replication;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/// What a commit costs in the log, every commit kept. Slow applications are played faster, but so
/// that each commit is shipped before the next comes: the bytes are the same.
final class BytesBench {
    private BytesBench() {}

    private record Case(String name, Workload.Kind kind, int count, Duration pause) {}

    private static final List<Case> CASES =
            List.of(
                    new Case(
                            "growing JSON, 2 a second",
                            Workload.Kind.GROWING_JSON,
                            200,
                            Duration.ofMillis(100)),
                    new Case(
                            "full state, 2 a second",
                            Workload.Kind.FULL_STATE,
                            200,
                            Duration.ofMillis(100)),
                    new Case("chat, 1 a second", Workload.Kind.CHAT, 500, Duration.ofMillis(50)),
                    new Case(
                            "chat, 100 a second", Workload.Kind.CHAT, 3_000, Duration.ofMillis(10)),
                    // Until each page of the index was in the log once, most commits bring a new
                    // one
                    new Case(
                            "audit, random index, 10 a second, first minute",
                            Workload.Kind.AUDIT,
                            500,
                            Duration.ofMillis(50)),
                    new Case(
                            "audit, random index, 10 a second, five minutes",
                            Workload.Kind.AUDIT,
                            3_000,
                            Duration.ofMillis(20)));

    static void run(Path folder, OptionalInt unused) throws IOException {
        for (Case each : CASES) {
            Path database = folder.resolve("bytes.db");
            Path archive = folder.resolve("archive");
            try (BenchApplication application = BenchApplication.start(database, each.kind);
                    Replication replication = Replication.start(database, archive)) {
                replication.awaitEvent("snapshot");
                long before = Commands.bytes(archive.resolve("log"));
                application.run(each.count, each.pause);
                replication.stop();
                long bytes = Commands.bytes(archive.resolve("log")) - before;
                System.out.printf("bytes a commit, %s: %,d%n", each.name, bytes / each.count);
            }
            Bench.remove(archive);
            Bench.removeDatabase(database);
        }
    }
}
