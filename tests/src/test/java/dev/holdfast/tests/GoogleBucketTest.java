package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.storage.GuardedProcess;
import dev.holdfast.storage.gcs.GcsServer;
import dev.holdfast.tests.harness.DatabaseImage;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The commands with an archive in a bucket of Google Cloud Storage, on fake-gcs-server.
final class GoogleBucketTest {
    private static final int UNAVAILABLE = 30;
    private static final int DENIED = 31;

    /// No machine of Google's, though this one may be.
    private static final Map<String, String> NOWHERE = Map.of("NO_GCE_CHECK", "true");

    @TempDir private Path folder;

    private GcsServer server;
    private String bucket;

    @BeforeEach
    void makeBucket() {
        server = GcsServer.shared();
        bucket = server.makeBucket();
    }

    private String location(String prefix) {
        return "gs://" + bucket + "/" + prefix + "?endpoint=" + server.endpoint();
    }

    @Test
    void whatWasKilledGoesOnAndIsRestoredFromTheBucket() throws IOException {
        Path database = folder.resolve("agent.db");
        String archive = location("agents/one");
        String image;
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            // The WAL keeps what is committed while Holdfast is down
            writer.tell("open wal_autocheckpoint=0");
            try (Replication replication = follow(database, archive)) {
                writer.tell("run mixed 20");
                replication.awaitEvent("durable");
                replication.kill();
            }
            writer.tell("run mixed 20");
            try (Replication replication = follow(database, archive)) {
                writer.tell("run mixed 20");
                replication.awaitDurable(60);
                assertThat(run("flush", database.toString())).isNotEmpty();
                replication.stop();
                Json requests = replication.requests();
                assertThat(requests.number("put")).isPositive();
            }
            image = writer.last().image();
        }

        Json status = run("status", database.toString()).getFirst();
        assertThat(status.text("location")).isEqualTo(archive);
        long newest = status.object("durable").number("tx");
        List<Json> history = run("history", "--from", archive);
        assertThat(history).noneMatch(entry -> entry.text("kind").equals("rebase"));
        assertThat(run("verify", "--from", archive).getFirst().text("verdict")).isEqualTo("good");
        Path restored = folder.resolve("restored.db");
        Json result = run("restore", "--from", archive, "-o", restored.toString()).getFirst();
        assertThat(result.number("tx")).isEqualTo(newest);
        assertThat(DatabaseImage.of(restored)).isEqualTo(image);
    }

    @Test
    void aBucketThatIsNotThereIsDeniedAndNothingIsLeftBehind() {
        String archive = "gs://not-there/x?endpoint=" + server.endpoint();
        Holdfast.Finished finished = replicateInVain("--to", archive);
        assertThat(finished.exit()).isEqualTo(DENIED);
        assertThat(finished.err("error: ")).contains("there is no bucket not-there");
        assertThat(finished.err("hint: "))
                .isEqualTo("hint: Create the bucket, or correct its name or endpoint.");
        assertThat(Holdfast.run(folder, NOWHERE, "history", "--from", archive).exit())
                .isEqualTo(DENIED);
    }

    @Test
    void whoHasNoCredentialsIsToldWhereToGetThem() {
        Holdfast.Finished finished = replicateInVain("--to", "gs://some-bucket/x");
        assertThat(finished.exit()).isEqualTo(DENIED);
        assertThat(finished.err("error: "))
                .contains("no credentials for Google Cloud Storage: Your default credentials were");
        assertThat(finished.err("hint: "))
                .contains("Set GOOGLE_APPLICATION_CREDENTIALS, run gcloud auth");
    }

    @Test
    void aServerThatIsNotThereIsUnavailable() throws IOException {
        String endpoint = "http://127.0.0.1:" + GuardedProcess.freePort();
        Holdfast.Finished finished =
                replicateInVain("--to", "gs://some-bucket/x?endpoint=" + endpoint);
        assertThat(finished.exit()).isEqualTo(UNAVAILABLE);
        assertThat(finished.err("error: ")).contains("can't be reached");
    }

    @Test
    void aLocationThatIsWrongIsRefusedWithTheNearestOption() {
        Holdfast.Finished finished = replicateInVain("--to", "gs://some-bucket/x?endpont=http://h");
        assertThat(finished.exit()).isEqualTo(10);
        assertThat(finished.err("hint: ")).contains("endpoint=");
    }

    @Test
    void oneBucketUnderTwoLocationsIsRefused() {
        Holdfast.Finished finished =
                replicateInVain(
                        "--to",
                        "gs://some-bucket/x",
                        "--to",
                        "s3://some-bucket/x/y?endpoint=https://storage.googleapis.com");
        assertThat(finished.exit()).isEqualTo(2);
        assertThat(finished.err("error: ")).contains("gs://some-bucket/x");
    }

    /// Of a database that is there and could be followed.
    private Holdfast.Finished replicateInVain(String... to) {
        Path database = folder.resolve("agent.db");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            List<String> arguments = new ArrayList<>();
            arguments.add("replicate");
            arguments.add(database.toString());
            arguments.addAll(List.of(to));
            Holdfast.Finished finished =
                    Holdfast.run(folder, NOWHERE, arguments.toArray(String[]::new));
            assertThat(folder.resolve(".agent.db-holdfast")).doesNotExist();
            return finished;
        }
    }

    private Replication follow(Path database, String archive) {
        Replication replication = Replication.startTo(archive, NOWHERE, database);
        replication.awaitFollowing();
        return replication;
    }

    private List<Json> run(String... arguments) {
        return Holdfast.lines(folder, NOWHERE, arguments);
    }
}
