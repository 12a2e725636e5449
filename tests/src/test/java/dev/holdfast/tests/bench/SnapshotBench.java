package dev.holdfast.tests.bench;

import dev.holdfast.storage.state.StateFolder;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Replication;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// The first snapshot of a large database against a copy of it with fsync.
final class SnapshotBench {
    private SnapshotBench() {}

    static void run(Path folder, OptionalInt rounds) throws IOException, SQLException {
        Path database = folder.resolve("large.db");
        LargeDatabase.write(database);
        System.out.printf("first snapshot of %,d MB%n", Files.size(database) >> 20);
        List<Double> withoutStart = new ArrayList<>();
        new Comparison(
                        "start and snapshot",
                        () ->
                                Comparison.time(() ->
                                        withoutStart.add(
                                                snapshot(database, folder.resolve("archive")))),
                        "copy + fsync",
                        () ->
                                Comparison.time(() ->
                                        LargeDatabase.copy(database, folder.resolve("copy.db"))))
                .print(rounds.orElse(5));
        System.out.printf(
                "  from the moment in which it is followed: %.2f s%n",
                Comparison.median(withoutStart.stream().mapToDouble(each -> each).toArray()));
    }

    /// Follows for the first time, and says how long the snapshot itself took.
    private static double snapshot(Path database, Path archive) throws IOException {
        try (Replication replication = Replication.start(database, archive)) {
            Json snapshot = replication.awaitEvent("snapshot");
            replication.kill();
            return snapshot.decimal("seconds");
        } finally {
            Bench.remove(archive);
            Bench.remove(StateFolder.beside(database));
        }
    }
}
