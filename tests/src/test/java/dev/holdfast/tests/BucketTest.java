package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.storage.s3.TestBucket;
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
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The commands with an archive in a bucket, on a real S3 server.
final class BucketTest {
    private static final int UNAVAILABLE = 30;
    private static final int DENIED = 31;

    @TempDir private Path folder;

    private TestBucket bucket;
    private Map<String, String> credentials = Map.of();

    @BeforeEach
    void makeBucket() {
        bucket = TestBucket.make();
        credentials =
                Map.of(
                        "AWS_ACCESS_KEY_ID",
                        bucket.server().accessKey(),
                        "AWS_SECRET_ACCESS_KEY",
                        bucket.server().secretKey());
    }

    @Test
    void whatWasKilledGoesOnAndIsRestoredFromTheBucket() throws IOException {
        Path database = folder.resolve("agent.db");
        String archive = bucket.location("agents/one", "");
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
                replication.stop();
            }
            image = writer.last().image();
        }

        Json status = run("status", database.toString()).getFirst();
        assertThat(status.text("location")).isEqualTo(archive);
        assertThat(status.object("local").number("waiting_transactions")).isZero();
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
    void anIdleDatabaseCostsNoRequest() {
        Json busy = requestsOfOneCommit("busy", 0);
        Json idle = requestsOfOneCommit("idle", 1);
        assertThat(idle).hasToString(busy.toString());
        assertThat(busy.number("put")).isPositive();
    }

    /// All requests of a run with one commit in it.
    ///
    /// @param waits how many other commands run, one after the other, before the commit and after
    private Json requestsOfOneCommit(String name, int waits) {
        Path database = folder.resolve(name + ".db");
        String archive = bucket.location(name, "");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            writer.tell("run chat 1");
            try (Replication replication = follow(database, archive)) {
                replication.awaitDurable(1);
                beIdle(archive, waits);
                writer.tell("run chat 1");
                replication.awaitDurable(2);
                beIdle(archive, waits);
                replication.stop();
                return replication.requests();
            }
        }
    }

    private void beIdle(String archive, int waits) {
        for (int i = 0; i < waits; i++) {
            assertThat(run("verify", "--from", archive)).hasSize(1);
        }
    }

    @Test
    void aBucketThatIsNotThereIsDeniedAndNothingIsLeftBehind() {
        String archive = "s3://not-there/x?endpoint=" + bucket.server().endpoint();
        Holdfast.Finished finished = replicateInVain(archive, credentials);
        assertThat(finished.exit()).isEqualTo(DENIED);
        assertThat(finished.err("error: ")).contains("there is no bucket not-there");
        assertThat(finished.err("hint: "))
                .isEqualTo("hint: Create the bucket, or correct its name, region or endpoint.");
        for (String command : List.of("history", "verify")) {
            assertThat(Holdfast.run(folder, credentials, command, "--from", archive).exit())
                    .isEqualTo(command.equals("verify") ? 2 : DENIED);
        }
    }

    @Test
    void credentialsThatAreNotThereOrWrongAreDenied() {
        Map<String, String> none = new HashMap<>(Map.of("AWS_EC2_METADATA_DISABLED", "true"));
        none.put("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        none.put("AWS_CONFIG_FILE", "/dev/null");
        String archive = bucket.location("x", "");
        Holdfast.Finished finished = replicateInVain(archive, none);
        assertThat(finished.exit()).isEqualTo(DENIED);
        assertThat(finished.err("error: ")).contains("no credentials for ");
        assertThat(finished.err("hint: ")).contains("AWS_ACCESS_KEY_ID");

        Map<String, String> wrong = new HashMap<>(credentials);
        wrong.put("AWS_SECRET_ACCESS_KEY", "wrong-secret");
        finished = replicateInVain(archive, wrong);
        assertThat(finished.exit()).isEqualTo(DENIED);
        assertThat(finished.err("error: ")).contains("SignatureDoesNotMatch");
        assertThat(finished.toString()).doesNotContain("wrong-secret");
    }

    @Test
    void aServerThatIsNotThereIsUnavailable() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        String archive = "s3://some-bucket/x?endpoint=http://127.0.0.1:" + port;
        Holdfast.Finished finished = replicateInVain(archive, credentials);
        assertThat(finished.exit()).isEqualTo(UNAVAILABLE);
        assertThat(finished.err("error: ")).contains("can't be reached");
    }

    @Test
    void aLocationThatIsWrongIsRefusedWithTheNearestOption() {
        Holdfast.Finished finished =
                replicateInVain("s3://some-bucket/x?regoin=eu-west-1", credentials);
        assertThat(finished.exit()).isEqualTo(10);
        assertThat(finished.err("hint: ")).contains("region=");
    }

    /// Of a database that is there and could be followed.
    private Holdfast.Finished replicateInVain(String archive, Map<String, String> variables) {
        Path database = folder.resolve("agent.db");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            Holdfast.Finished finished =
                    Holdfast.run(
                            folder, variables, "replicate", database.toString(), "--to", archive);
            assertThat(folder.resolve(".agent.db-holdfast")).doesNotExist();
            return finished;
        }
    }

    private Replication follow(Path database, String archive) {
        Replication replication = Replication.startTo(archive, credentials, database);
        replication.awaitFollowing();
        return replication;
    }

    private List<Json> run(String... arguments) {
        return Holdfast.lines(folder, credentials, arguments);
    }
}
