package dev.holdfast.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.auth.oauth2.ComputeEngineCredentials;
import com.sun.net.httpserver.HttpServer;

import dev.holdfast.format.failure.SidecarException.BadConfig;
import dev.holdfast.storage.GuardedProcess;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.StoreException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;

/// In whose name a bucket is asked, with what of Google's library is on the class path.
final class GcsCredentialsTest {
    @TempDir private Path folder;

    private final AtomicInteger tokens = new AtomicInteger();
    private StrictGcs server;
    private HttpServer tokenServer;
    private volatile int status = 200;
    private volatile String answer = "";

    @BeforeEach
    void start() throws IOException {
        server = StrictGcs.start("some-bucket");
        tokenServer =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        tokenServer.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        byte[] _ = exchange.getRequestBody().readAllBytes();
                        String token =
                                """
                                {"access_token":"token-%d","token_type":"Bearer","expires_in":3600,
                                "issued_token_type":"urn:ietf:params:oauth:token-type:access_token"}
                                """
                                        .formatted(tokens.incrementAndGet());
                        byte[] body =
                                (answer.isEmpty() ? token : answer)
                                        .getBytes(StandardCharsets.UTF_8);
                        exchange.getResponseHeaders().set("Content-Type", "application/json");
                        exchange.sendResponseHeaders(status, body.length);
                        exchange.getResponseBody().write(body);
                    }
                });
        tokenServer.start();
        server.wantToken("token-1");
    }

    @AfterEach
    void stop() {
        server.close();
        tokenServer.stop(0);
    }

    private String tokenUrl() {
        return "http://127.0.0.1:" + tokenServer.getAddress().getPort() + "/token";
    }

    private Path serviceAccount() throws IOException, NoSuchAlgorithmException {
        KeyPairGenerator keys = KeyPairGenerator.getInstance("RSA");
        keys.initialize(2048);
        String key =
                Base64.getEncoder()
                        .encodeToString(keys.generateKeyPair().getPrivate().getEncoded());
        return write(
                """
                {"type":"service_account","project_id":"p","private_key_id":"k","client_id":"1",
                "client_email":"writer@p.iam.gserviceaccount.com","token_uri":"%s",
                "private_key":"-----BEGIN PRIVATE KEY-----\\n%s\\n-----END PRIVATE KEY-----\\n"}
                """
                        .formatted(tokenUrl(), key));
    }

    private Path write(String json) throws IOException {
        return Files.writeString(folder.resolve("credentials.json"), json);
    }

    private ObjectStore open(Path file) {
        return GcsObjectStore.open(
                GcsPlace.parse(
                        "gs://some-bucket/x?endpoint=%s&credentials=%s"
                                .formatted(server.endpoint(), file)),
                GcsStores.NEVER);
    }

    private static void use(ObjectStore store) throws IOException {
        assertThat(store.create("a", ObjectBody.of(ByteBuffer.allocate(1)))).isNotNull();
        assertThat(store.list("", null, 10).entries()).isNotEmpty();
    }

    @Test
    void aServiceAccountGetsATokenForManyRequests() throws Exception {
        try (ObjectStore store = open(serviceAccount())) {
            use(store);
            use(store);
        }
        assertThat(tokens).hasValue(1);
    }

    @Test
    void aTokenThatIsRefusedIsRenewedOnce() throws Exception {
        try (ObjectStore store = open(serviceAccount())) {
            use(store);
            server.wantToken("token-2");
            use(store);
            assertThat(tokens).hasValue(2);
            server.wantToken("another's");
            assertThatThrownBy(() -> store.list("", null, 10))
                    .isInstanceOf(StoreException.Denied.class)
                    .hasMessageStartingWith(
                            "the access token has expired, or is not known there (authError, 401)");
        }
    }

    @Test
    void workloadIdentityAsksForATokenAndThatServerMayBeAway() throws Exception {
        Path subject = Files.writeString(folder.resolve("subject"), "a-token-of-the-pod");
        Path file =
                write(
                        """
                        {"type":"external_account","audience":"//iam.googleapis.com/a",
                        "subject_token_type":"urn:ietf:params:oauth:token-type:jwt",
                        "token_url":"https://127.0.0.1:%d/","credential_source":{"file":"%s"}}
                        """
                                .formatted(GuardedProcess.freePort(), subject));
        try (ObjectStore store = open(file)) {
            assertThatThrownBy(() -> store.list("", null, 10))
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageStartingWith("Google's server for tokens can't be reached: ")
                    .hasMessageNotContaining("a-token-of-the-pod");
        }
    }

    @Test
    void aClockThatIsWrongIsToldFromAKeyThatIs() throws Exception {
        status = 400;
        answer =
                """
                {"error":"invalid_grant","error_description":"Invalid JWT: Token must be a short-lived \
                token (60 minutes) and in a reasonable timeframe. Check your iat and exp values."}
                """;
        try (ObjectStore store = open(serviceAccount())) {
            assertThatThrownBy(() -> store.list("", null, 10))
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageStartingWith(
                            "Google's server for tokens has another time than this machine: ");
            answer = "{\"error\":\"invalid_grant\",\"error_description\":\"account not found\"}";
            assertThatThrownBy(() -> store.list("", null, 10))
                    .isInstanceOf(StoreException.Denied.class)
                    .hasMessageStartingWith("the credentials have expired, or are not known: ")
                    .hasMessageContaining("account not found");
        }
    }

    /// Whatever it asks for, it asks the token server.
    private NetHttpTransport rerouted() {
        return new NetHttpTransport.Builder()
                .setConnectionFactory(
                        _ -> (HttpURLConnection) URI.create(tokenUrl()).toURL().openConnection())
                .build();
    }

    private ObjectStore open(GcsAccess access) {
        return GcsStores.open(server.endpoint(), "some-bucket", "x", access);
    }

    private GcsAccess podIdentity() throws IOException {
        Path subject = Files.writeString(folder.resolve("subject"), "a-token-of-the-pod");
        Path file =
                write(
                        """
                        {"type":"external_account","audience":"//iam.googleapis.com/a",
                        "subject_token_type":"urn:ietf:params:oauth:token-type:jwt",
                        "token_url":"https://sts.googleapis.com/v1/token",
                        "credential_source":{"file":"%s"}}
                        """
                                .formatted(subject));
        return GcsAccess.of(
                GcsPlace.parse("gs://some-bucket/x?credentials=" + file).options(), rerouted());
    }

    @Test
    void workloadIdentityGetsAToken() throws Exception {
        try (ObjectStore store = open(podIdentity())) {
            use(store);
        }
        assertThat(tokens).hasValue(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    503 | ' '
                    503 | <html>Service Unavailable</html>
                    503 | {"error":{"code":503,"message":"away","status":"UNAVAILABLE"}}
                    503 | {"error":"temporarily_unavailable"}
                    500 | {}
                    200 | []
                    200 | <html>Please log in</html>
                    """)
    void aTokenServerThatFailsInItsOwnWayIsTriedAgain(int failure, String said) throws Exception {
        status = failure;
        answer = said;
        try (ObjectStore store = open(podIdentity())) {
            assertThatThrownBy(() -> store.list("", null, 10))
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageStartingWith("Google's server for tokens ");
            status = 200;
            answer = "";
            server.wantToken("token-" + (tokens.get() + 1));
            use(store);
        }
    }

    @Test
    void aTokenOfAPodThatIsNotTakenIsARefusal() throws Exception {
        status = 400;
        answer = "{\"error\":\"invalid_grant\",\"error_description\":\"no such audience\"}";
        try (ObjectStore store = open(podIdentity())) {
            assertThatThrownBy(() -> store.list("", null, 10))
                    .isInstanceOf(StoreException.Denied.class)
                    .hasMessageStartingWith("the credentials have expired, or are not known: ")
                    .hasMessageContaining("no such audience");
        }
    }

    @Test
    void aMachineWhoseMetadataServerFailsIsNotWithoutCredentials() throws Exception {
        status = 500;
        answer = "restarting";
        NetHttpTransport transport = rerouted();
        GcsAccess machine =
                GcsAccess.of(() ->
                        ComputeEngineCredentials.newBuilder()
                                .setHttpTransportFactory(() -> transport)
                                .build());
        try (ObjectStore store = open(machine)) {
            assertThatThrownBy(() -> store.list("", null, 10))
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageStartingWith("Google's server for tokens can't be reached: ");
        }
    }

    @Test
    void aFileThatIsGoneWhenItIsReadAgainEndsNoRun() throws Exception {
        Path file = serviceAccount();
        try (ObjectStore store = open(file)) {
            use(store);
            Files.delete(file);
            server.wantToken("token-2");
            assertThatThrownBy(() -> store.list("", null, 10))
                    .isInstanceOf(StoreException.Denied.class)
                    .hasMessage("can't read the file that credentials= names: it is not there");
            Path _ = serviceAccount();
            use(store);
        }
    }

    @Test
    void aFileThatIsNoneIsRefusedAndNotRepeated() throws Exception {
        assertThatThrownBy(() -> open(folder.resolve("not-there")))
                .isInstanceOf(BadConfig.class)
                .hasMessage("can't read the file that credentials= names: it is not there");
        try (ObjectStore store = open(write("{\"type\":\"nothing\",\"secret\":\"hidden\"}"))) {
            assertThatThrownBy(() -> store.list("", null, 10))
                    .isInstanceOf(StoreException.Denied.class)
                    .hasMessageStartingWith("the file that credentials= names has none: ")
                    .hasMessageNotContaining("hidden");
        }
    }
}
