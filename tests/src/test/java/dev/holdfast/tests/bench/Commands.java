package dev.holdfast.tests.bench;

import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Replication;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// The installed command, run as a user would: a start of Java is part of each figure.
final class Commands {
    private Commands() {}

    /// Archives a database as it is, with one snapshot.
    static void archive(Path database, Path archive) {
        try (Replication replication = Replication.start(database, archive)) {
            Json _ = replication.awaitEvent("snapshot");
            replication.stop();
        }
    }

    /// Restores to `out`, and removes that again.
    static void restore(Path archive, Path out) throws IOException {
        run(archive, "restore", "--from", archive.toString(), "--out", out.toString());
        Bench.removeDatabase(out);
    }

    static void verify(Path archive) throws IOException {
        run(archive, "verify", "--from", archive.toString());
    }

    private static void run(Path folder, String... arguments) throws IOException {
        Holdfast.Finished finished = Holdfast.run(folder, arguments);
        if (finished.exit() != 0) {
            throw new IOException("failed: " + finished);
        }
    }

    /// Bytes of the files in a folder and below it.
    static long bytes(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            long sum = 0;
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                sum += Files.size(file);
            }
            return sum;
        }
    }
}
