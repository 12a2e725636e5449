package dev.holdfast.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.time.temporal.ChronoUnit.SECONDS;

import dev.holdfast.storage.GuardedProcess;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.StoreException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// What gives credentials to pods, containers and machines, each scripted: it gives some, refuses,
/// is away, and comes back. Named by the SDK's properties, which stand for the variables of the
/// environment.
final class S3SurroundingsTest {
    private static final String EMPTY_LIST =
            "<?xml version=\"1.0\"?><ListBucketResult><Name>some-bucket</Name>"
                    + "<IsTruncated>false</IsTruncated><KeyCount>0</KeyCount></ListBucketResult>";

    @TempDir private Path folder;

    private final SdkSettings settings = new SdkSettings();
    private ScriptedServer bucket;

    /// Who gives credentials.
    enum Source {
        /// `AWS_WEB_IDENTITY_TOKEN_FILE`
        WEB_IDENTITY("AWS STS (web identity, AWS_WEB_IDENTITY_TOKEN_FILE) "),
        /// `AWS_CONTAINER_CREDENTIALS_FULL_URI`
        CONTAINER("the container's server for credentials (AWS_CONTAINER_CREDENTIALS_FULL_URI) "),
        /// `AWS_EC2_METADATA_SERVICE_ENDPOINT`
        MACHINE("the machine's metadata server ");

        /// As a message begins.
        private final String told;

        Source(String told) {
            this.told = "no credentials: " + told;
        }

        private ScriptedServer gives(ScriptedServer server) {
            return switch (this) {
                case WEB_IDENTITY ->
                        xml(
                                server,
                                200,
                                """
                                <AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult>
                                <Credentials><AccessKeyId>key-WEB_IDENTITY</AccessKeyId>
                                <SecretAccessKey>hunter2</SecretAccessKey>
                                <SessionToken>session-1</SessionToken>
                                <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
                                </AssumeRoleWithWebIdentityResult>
                                </AssumeRoleWithWebIdentityResponse>
                                """);
                case CONTAINER -> json(server, 200, credentials());
                case MACHINE ->
                        json(
                                server.then(200, Map.of(), "token").then(200, Map.of(), "role"),
                                200,
                                credentials());
            };
        }

        private String credentials() {
            return """
            {"Code":"Success","AccessKeyId":"key-%s","SecretAccessKey":"hunter2",
            "Token":"session-1","Expiration":"2099-01-01T00:00:00Z"}
            """
                    .formatted(name());
        }

        private ScriptedServer refuses(ScriptedServer server) {
            String json = "{\"code\":\"AccessDenied\",\"message\":\"not this role\"}";
            return switch (this) {
                case WEB_IDENTITY -> stsError(server, 403, "AccessDenied", "not this role");
                case CONTAINER -> json(server, 403, json);
                case MACHINE -> json(json(server, 403, json), 403, json);
            };
        }

        /// What its own tries get too.
        private ScriptedServer fails(ScriptedServer server) {
            for (int i = 0; i < tries(); i++) {
                server.then(500, Map.of(), "restarting");
            }
            return server;
        }

        private int tries() {
            return switch (this) {
                case WEB_IDENTITY -> 1;
                case CONTAINER -> 6;
                case MACHINE -> 2; // for a token, and without
            };
        }
    }

    private static ScriptedServer xml(ScriptedServer server, int status, String text) {
        return server.then(status, Map.of("Content-Type", "text/xml"), text);
    }

    private static ScriptedServer json(ScriptedServer server, int status, String text) {
        return server.then(status, Map.of("Content-Type", "application/json"), text);
    }

    private static ScriptedServer stsError(
            ScriptedServer server, int status, String code, String message) {
        return xml(
                server,
                status,
                "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>"
                        .formatted(code, message));
    }

    @BeforeEach
    void start() throws IOException {
        bucket = ScriptedServer.start();
        set("aws.sharedCredentialsFile", folder.resolve("no-credentials"));
        set("aws.configFile", folder.resolve("no-config"));
        set("aws.region", "eu-central-1");
        set("aws.disableEc2Metadata", true);
    }

    @AfterEach
    void stop() throws IOException {
        bucket.close();
        settings.close();
    }

    private void set(String property, Object value) {
        settings.set(property, value);
    }

    /// As if the environment said so.
    private void name(Source source, int port) throws IOException {
        String server = "http://127.0.0.1:" + port;
        switch (source) {
            case WEB_IDENTITY -> {
                Path token = Files.writeString(folder.resolve("token"), "a-token-of-the-pod");
                set("aws.webIdentityTokenFile", token);
                set("aws.roleArn", "arn:aws:iam::123456789012:role/backup");
                set("aws.endpointUrlSts", server);
            }
            case CONTAINER -> set("aws.containerCredentialsFullUri", server + "/credentials");
            case MACHINE -> {
                set("aws.disableEc2Metadata", false);
                set("aws.ec2MetadataServiceEndpoint", server);
            }
        }
    }

    private ObjectStore open() {
        return S3ObjectStore.open(
                S3Place.parse("s3://some-bucket/x?endpoint=http://127.0.0.1:" + bucket.port()),
                TestBucket.NEVER);
    }

    private void assertIsUsed(ObjectStore store, String key) throws IOException {
        bucket.then(200, Map.of("Content-Type", "application/xml"), EMPTY_LIST);
        assertThat(store.list("", null, 10).entries()).isEmpty();
        assertThat(bucket.asked().getLast().headers().get("authorization"))
                .contains("Credential=" + key + "/");
    }

    private static void assertFails(
            ObjectStore store, Class<? extends StoreException> kind, String... words) {
        assertThatThrownBy(() -> store.list("", null, 10))
                .isInstanceOf(kind)
                .hasMessageContainingAll(words)
                .hasMessageNotContainingAny("hunter2", "a-token-of-the-pod");
    }

    @ParameterizedTest
    @EnumSource
    void aSourceGivesCredentialsOnceForManyRequests(Source source) throws IOException {
        try (ScriptedServer server = source.gives(ScriptedServer.start())) {
            name(source, server.port());
            try (ObjectStore store = open()) {
                assertIsUsed(store, "key-" + source);
                assertIsUsed(store, "key-" + source);
                assertThat(bucket.asked().getLast().headers())
                        .containsEntry("x-amz-security-token", "session-1");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSourceThatRefusesIsDeniedWithWhatItSays(Source source) throws IOException {
        try (ScriptedServer server = source.refuses(ScriptedServer.start())) {
            name(source, server.port());
            try (ObjectStore store = open()) {
                assertFails(
                        store,
                        StoreException.Denied.class,
                        source.told + "refuses (",
                        "403",
                        "not this role");
                source.gives(server);
                assertIsUsed(store, "key-" + source);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSourceThatFailsIsAskedAgain(Source source) throws IOException {
        try (ScriptedServer server = source.fails(ScriptedServer.start())) {
            name(source, server.port());
            try (ObjectStore store = open()) {
                assertFails(
                        store, StoreException.Unavailable.class, source.told + "failed (", "500");
                source.gives(server);
                assertIsUsed(store, "key-" + source);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSourceThatIsAwayIsWaitedForAndTheBucketIsNotBlamed(Source source) throws IOException {
        int port = GuardedProcess.freePort();
        name(source, port);
        try (ObjectStore store = open()) {
            assertFails(
                    store, StoreException.Unavailable.class, source.told + "can't be reached: ");
            try (ScriptedServer server =
                    new ScriptedServer(
                            new ServerSocket(port, 10, InetAddress.getLoopbackAddress()))) {
                source.gives(server);
                assertIsUsed(store, "key-" + source);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAnswerThatIsNoneIsNotRepeated(Source source) throws IOException {
        try (ScriptedServer server = ScriptedServer.start()) {
            if (source == Source.MACHINE) {
                server.then(200, Map.of(), "token").then(200, Map.of(), "role");
            }
            server.then(200, Map.of(), "<html>hunter2</wrong>");
            name(source, server.port());
            try (ObjectStore store = open()) {
                assertFails(
                        store,
                        StoreException.Unavailable.class,
                        source.told + "has given an answer that is none");
            }
        }
    }

    @Test
    void aRenewalThatIsRefusedIsToldAsOneOfTheSource() throws IOException {
        try (ScriptedServer server = ScriptedServer.start()) {
            String ending = Instant.now().plusSeconds(30).truncatedTo(SECONDS).toString();
            json(
                    server,
                    200,
                    Source.CONTAINER.credentials().replace("2099-01-01T00:00:00Z", ending));
            name(Source.CONTAINER, server.port());
            try (ObjectStore store = open()) {
                assertIsUsed(store, "key-CONTAINER");
                assertThat(firstFailure(store, server))
                        .isInstanceOf(StoreException.Denied.class)
                        .hasMessageStartingWith(Source.CONTAINER.told + "refuses (403): not this");
            }
        }
    }

    /// The SDK asks anew with each request, and takes what it has got before for a second more.
    private StoreException firstFailure(ObjectStore store, ScriptedServer server)
            throws IOException {
        long deadline = System.nanoTime() + TestBucket.PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            bucket.then(200, Map.of("Content-Type", "application/xml"), EMPTY_LIST);
            Source.CONTAINER.refuses(server);
            try {
                assertThat(store.list("", null, 10).entries()).isEmpty();
            } catch (StoreException e) {
                return e;
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
        throw new AssertionError("the credentials are not renewed");
    }

    @Test
    void whatIsNamedHasNoSubstitute() throws IOException {
        Path keys =
                Files.writeString(
                        folder.resolve("keys"),
                        "[default]\naws_access_key_id=key\naws_secret_access_key=hunter2\n");
        try (ScriptedServer sts = ScriptedServer.start();
                ScriptedServer container = ScriptedServer.start();
                ScriptedServer machine = Source.MACHINE.gives(ScriptedServer.start())) {
            name(Source.MACHINE, machine.port());
            name(Source.CONTAINER, container.port());
            Source.CONTAINER.refuses(container);
            try (ObjectStore store = open()) {
                assertFails(store, StoreException.Denied.class, Source.CONTAINER.told);
            }
            set("aws.sharedCredentialsFile", keys);
            name(Source.WEB_IDENTITY, sts.port());
            stsError(sts, 400, "InvalidIdentityToken", "no such issuer");
            try (ObjectStore store = open()) {
                assertFails(
                        store,
                        StoreException.Denied.class,
                        Source.WEB_IDENTITY.told + "refuses (InvalidIdentityToken, 400): no such");
            }
            assertThat(machine.asked()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', there is no such profile",
        "[profile other]|region=eu-west-1, there is no such profile",
        "[profile backup]|aws_access_key_id=hunter2, Profile property 'aws_secret_access_key'"
    })
    void aProfileThatIsNamedHasNoSubstitute(String config, String reason) throws IOException {
        Path file = folder.resolve("no-config");
        if (!config.isEmpty()) {
            Files.writeString(file, config.replace('|', '\n'));
        }
        try (ScriptedServer container = Source.CONTAINER.gives(ScriptedServer.start());
                ScriptedServer machine = Source.MACHINE.gives(ScriptedServer.start())) {
            name(Source.CONTAINER, container.port());
            name(Source.MACHINE, machine.port());
            set("aws.profile", "backup");
            try (ObjectStore store = open()) {
                assertFails(
                        store,
                        StoreException.Denied.class,
                        "no credentials in the profile backup, which AWS_PROFILE names: " + reason,
                        "; looked for in " + folder.resolve("no-credentials") + " (not there) and ",
                        file + (config.isEmpty() ? " (not there)" : ""));
            }
            assertThat(container.asked()).isEmpty();
            assertThat(machine.asked()).isEmpty();
        }
    }

    /// It is named for its region.
    @Test
    void aNamedProfileWithoutCredentialsLeavesThemToTheRole() throws IOException {
        Files.writeString(folder.resolve("no-config"), "[profile backup]\nregion=eu-west-1\n");
        try (ScriptedServer container = Source.CONTAINER.gives(ScriptedServer.start())) {
            name(Source.CONTAINER, container.port());
            set("aws.profile", "backup");
            try (ObjectStore store = open()) {
                assertIsUsed(store, "key-CONTAINER");
            }
        }
    }

    @Test
    void aKeyStandsBeforeAProfileThatIsNotThere() throws IOException {
        set("aws.profile", "backup");
        set("aws.accessKeyId", "key");
        set("aws.secretAccessKey", "hunter2");
        try (ObjectStore store = open()) {
            assertIsUsed(store, "key");
        }
    }

    @Test
    void aProfileWithAnEmptyNameIsTheDefaultOne() throws IOException {
        set(
                "aws.sharedCredentialsFile",
                Files.writeString(
                        folder.resolve("keys"),
                        "[default]\naws_access_key_id=key\naws_secret_access_key=hunter2\n"));
        set("aws.profile", "");
        try (ObjectStore store = open()) {
            assertIsUsed(store, "key");
        }
    }

    @Test
    void stsMayAskForFewerRequestsOrWaitItself() throws IOException {
        try (ScriptedServer sts = ScriptedServer.start()) {
            name(Source.WEB_IDENTITY, sts.port());
            stsError(sts, 400, "Throttling", "Rate exceeded");
            stsError(sts, 400, "IDPCommunicationError", "the issuer is away");
            try (ObjectStore store = open()) {
                assertFails(store, StoreException.Throttled.class, "asks for fewer requests");
                assertFails(store, StoreException.Unavailable.class, "the issuer is away");
            }
        }
    }

    @Test
    void aTokenThatIsNotThereIsDenied() throws IOException {
        name(Source.WEB_IDENTITY, GuardedProcess.freePort());
        Files.delete(folder.resolve("token"));
        try (ObjectStore store = open()) {
            assertFails(store, StoreException.Denied.class, "a file of it: it is not there");
        }
    }

    @Test
    void halfAKeyIsNotPassedOver() throws IOException {
        set("aws.accessKeyId", "half");
        try (ScriptedServer machine = ScriptedServer.start()) {
            name(Source.MACHINE, machine.port());
            try (ObjectStore store = open()) {
                assertFails(store, StoreException.Denied.class, "AWS_SECRET_ACCESS_KEY");
            }
            assertThat(machine.asked()).isEmpty();
        }
    }

    @Test
    void aMachineWithoutARoleHasNone() throws IOException {
        try (ScriptedServer machine = ScriptedServer.start()) {
            name(Source.MACHINE, machine.port());
            machine.then(200, Map.of(), "token").then(404, Map.of(), "");
            try (ObjectStore store = open()) {
                assertFails(store, StoreException.Denied.class, "there is no role (404)");
            }
        }
    }

    @Test
    void nothingAtAllIsDenied() throws IOException {
        try (ObjectStore store = open()) {
            assertFails(
                    store,
                    StoreException.Denied.class,
                    "no credentials for http://127.0.0.1:" + bucket.port(),
                    ": none in the environment, in a profile, or of a role");
        }
    }
}
