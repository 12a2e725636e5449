package dev.holdfast.restore;

import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.seal.Identity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/// Restores for tests, in a year in which no archive's time lies in the future.
public final class Restores {
    /// That year.
    public static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2031-01-01T00:00:00Z"));

    private Restores() {}

    /// A restorer that nobody stops.
    public static Restorer from(ObjectStore store) {
        return new Restorer(store, CLOCK, RestoreProgress.NONE, new CountDownLatch(1));
    }

    /// The same for a reader who may open what is encrypted.
    public static Restorer from(ObjectStore store, List<Identity> identities) {
        return new Restorer(store, CLOCK, RestoreProgress.NONE, new CountDownLatch(1), identities);
    }

    /// Restores, removes the file again and gives its bytes.
    public static byte[] bytes(ObjectStore store, Target target, Path folder) throws IOException {
        return bytes(store, target, folder, List.of());
    }

    /// The same for a reader who may open what is encrypted.
    public static byte[] bytes(
            ObjectStore store, Target target, Path folder, List<Identity> identities)
            throws IOException {
        Path out = folder.resolve("restored.db");
        from(store, identities).restore(RestoreRequest.of(target, out));
        try {
            return Files.readAllBytes(out);
        } finally {
            Files.delete(out);
            deleteAll(folder.resolve(".restored.db-holdfast"));
        }
    }

    /// Names of what lies in a folder.
    public static List<String> namesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
        }
    }

    /// Removes a folder of files, if it is there.
    public static void deleteAll(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
