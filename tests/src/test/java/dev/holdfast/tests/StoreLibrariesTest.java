package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.storage.gcs.GcsServer;
import dev.holdfast.storage.s3.TestBucket;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The libraries of a kind of store are loaded for a store of that kind only: a folder's follower
/// needs the memory of none.
final class StoreLibrariesTest {
    private static final String AMAZONS = "software.amazon.";
    private static final String GOOGLES = "com.google.";

    @TempDir private Path folder;

    @Test
    void aFolderLoadsNone() throws IOException {
        assertThat(loadedFor(folder.resolve("archive").toString(), Map.of()))
                .contains("dev.holdfast.storage.FileObjectStore")
                .noneMatch(name -> name.startsWith(AMAZONS) || name.startsWith(GOOGLES));
    }

    @Test
    void aBucketOfS3LoadsNoneOfGoogles() throws IOException {
        TestBucket bucket = TestBucket.make();
        Map<String, String> credentials =
                Map.of(
                        "AWS_ACCESS_KEY_ID",
                        bucket.server().accessKey(),
                        "AWS_SECRET_ACCESS_KEY",
                        bucket.server().secretKey());
        assertThat(loadedFor(bucket.location("x", ""), credentials))
                .anyMatch(name -> name.startsWith(AMAZONS))
                .noneMatch(name -> name.startsWith(GOOGLES));
    }

    @Test
    void aBucketOfGooglesLoadsNoneOfAmazons() throws IOException {
        GcsServer server = GcsServer.shared();
        String location = "gs://" + server.makeBucket() + "/x?endpoint=" + server.endpoint();
        assertThat(loadedFor(location, Map.of()))
                .anyMatch(name -> name.startsWith(GOOGLES))
                .noneMatch(name -> name.startsWith(AMAZONS));
    }

    /// The classes that following a database and restoring it have loaded.
    private List<String> loadedFor(String archive, Map<String, String> variables)
            throws IOException {
        Path database = folder.resolve("agent.db");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            try (Replication replication =
                    Replication.startTo(archive, logging("replicate", variables), database)) {
                replication.awaitFollowing();
                writer.tell("run chat 3");
                replication.stop();
            }
        }
        Holdfast.Finished finished =
                Holdfast.run(
                        folder,
                        logging("restore", variables),
                        "restore",
                        "--from",
                        archive,
                        "-o",
                        folder.resolve("restored.db").toString());
        assertThat(finished.exit()).isZero();
        List<String> loaded = new ArrayList<>();
        for (String command : List.of("replicate", "restore")) {
            Files.readAllLines(folder.resolve(command + ".log"))
                    .forEach(line -> loaded.add(line.split(" ", 2)[0]));
        }
        return loaded;
    }

    private Map<String, String> logging(String command, Map<String, String> variables) {
        Map<String, String> all = new HashMap<>(variables);
        Path log = folder.resolve(command + ".log");
        all.put("HOLDFAST_JAVA_OPTS", "-Xlog:class+load:file=" + log + ":none");
        return all;
    }
}
