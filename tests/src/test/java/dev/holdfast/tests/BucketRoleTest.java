package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;

import dev.holdfast.storage.GuardedProcess;
import dev.holdfast.storage.s3.TestBucket;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// A process that gets its credentials from who its environment names, as a pod or container does.
final class BucketRoleTest {
    private static final int UNAVAILABLE = 30;
    private static final int DENIED = 31;

    @TempDir private Path folder;

    private TestBucket bucket;
    private HttpServer source;
    private volatile int status = 200;
    private volatile String answer = "";

    @BeforeEach
    void start() throws IOException {
        bucket = TestBucket.make();
        source = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        source.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        byte[] _ = exchange.getRequestBody().readAllBytes();
                        byte[] body = answer.getBytes(StandardCharsets.UTF_8);
                        exchange.sendResponseHeaders(status, body.length);
                        exchange.getResponseBody().write(body);
                    }
                });
        source.start();
    }

    @AfterEach
    void stop() {
        source.stop(0);
    }

    private String url() {
        return "http://127.0.0.1:" + source.getAddress().getPort();
    }

    @Test
    void aContainersRoleIsEnough() {
        answer =
                """
                {"AccessKeyId":"%s","SecretAccessKey":"%s","Expiration":"2099-01-01T00:00:00Z"}
                """
                        .formatted(bucket.server().accessKey(), bucket.server().secretKey());
        Path database = folder.resolve("agent.db");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            try (Replication replication =
                    Replication.startTo(
                            bucket.location("x", ""),
                            Map.of("AWS_CONTAINER_CREDENTIALS_FULL_URI", url() + "/role"),
                            database)) {
                replication.awaitFollowing();
                writer.tell("run chat 5");
                replication.stop();
            }
        }
    }

    @Test
    void aPodWhoseTokenIsRefusedIsDenied() throws IOException {
        status = 400;
        answer =
                "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidIdentityToken</Code>"
                        + "<Message>no such issuer</Message></Error></ErrorResponse>";
        Holdfast.Finished finished = replicateAsPod(url());
        assertThat(finished.exit()).isEqualTo(DENIED);
        assertThat(finished.err("error: "))
                .contains(
                        "AWS STS (web identity, AWS_WEB_IDENTITY_TOKEN_FILE) refuses"
                                + " (InvalidIdentityToken, 400): no such issuer");
        assertThat(finished.err("hint: ")).contains("AWS_ROLE_ARN");
        assertThat(finished.toString()).doesNotContain("a-token-of-the-pod");
    }

    @Test
    void aPodWithoutItsNetworkIsUnavailable() throws IOException {
        Holdfast.Finished finished =
                replicateAsPod("http://127.0.0.1:" + GuardedProcess.freePort());
        assertThat(finished.exit()).isEqualTo(UNAVAILABLE);
        assertThat(finished.err("error: "))
                .contains("AWS STS (web identity, AWS_WEB_IDENTITY_TOKEN_FILE) can't be reached: ");
    }

    private Holdfast.Finished replicateAsPod(String sts) throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "a-token-of-the-pod");
        Path database = folder.resolve("agent.db");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            return Holdfast.run(
                    folder,
                    Map.of(
                            "AWS_WEB_IDENTITY_TOKEN_FILE",
                            token.toString(),
                            "AWS_ROLE_ARN",
                            "arn:aws:iam::123456789012:role/backup",
                            "AWS_ENDPOINT_URL_STS",
                            sts),
                    "replicate",
                    database.toString(),
                    "--to",
                    bucket.location("x", ""));
        }
    }
}
