package dev.holdfast.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.StoreException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/// What MinIO refuses, each with words of its own and a hint that fits.
final class S3FailuresTest {
    @TempDir private Path folder;

    @Test
    void aMissingBucketIsCalledSo() {
        TestBucket bucket = TestBucket.make();
        String location = "s3://not-there/x?endpoint=" + bucket.server().endpoint();
        assertDenied(
                location,
                bucket.credentials(),
                "there is no bucket not-there (NoSuchBucket, 404)",
                "Create the bucket, or correct its name, region or endpoint.");
    }

    @Test
    void aKeyThatIsNotKnownIsToldFromOneThatMayNot() {
        TestBucket bucket = TestBucket.make();
        String location = bucket.location("x", "");
        assertDenied(
                location,
                basic("nobody", bucket.server().secretKey()),
                "these credentials are not known there (InvalidAccessKeyId, 403)",
                "Check the access key and the secret key");
        assertDenied(
                location,
                basic(bucket.server().accessKey(), "wrong-secret"),
                "these credentials are not known there (SignatureDoesNotMatch, 403)",
                "Check the access key and the secret key");
        assertDenied(
                location,
                AnonymousCredentialsProvider.create(),
                "access denied (AccessDenied, 403)",
                "Allow these credentials s3:PutObject, s3:GetObject, s3:ListBucket");
    }

    /// MinIO forgets the key together with its token, where AWS says ExpiredToken.
    @Test
    void aKeyThatIsGoneMayHaveHadATokenThatExpired() {
        TestBucket bucket = TestBucket.make();
        assertDenied(
                bucket.location("x", ""),
                StaticCredentialsProvider.create(
                        AwsSessionCredentials.create("expired", "some-secret", "some-token")),
                "these credentials are not known there (InvalidAccessKeyId, 403)",
                "Check the access key and the secret key, and that they are for "
                        + bucket.server().endpoint()
                        + "; if a session token belongs to them, it may have expired: renew them"
                        + " together");
    }

    @Test
    void aTokenThatIsNoneIsCalledSo() {
        TestBucket bucket = TestBucket.make();
        S3Server server = bucket.server();
        AwsCredentialsProvider credentials =
                StaticCredentialsProvider.create(
                        AwsSessionCredentials.create(
                                server.accessKey(), server.secretKey(), "no-token"));
        assertDenied(
                bucket.location("x", ""),
                credentials,
                "the session token has expired, or is not known there (",
                "Renew the credentials");
    }

    @Test
    void anotherRegionIsNamed() throws IOException {
        try (MinioProcess process =
                MinioProcess.start(
                        S3Server.program(),
                        folder,
                        MinioProcess.Data.KEPT,
                        Map.of(MinioProcess.REGION, "eu-central-1"))) {
            S3Server server = process.server();
            String endpoint = "s3://some-bucket/x?endpoint=" + server.endpoint();
            assertDenied(
                    endpoint + "&region=us-west-2",
                    basic(server.accessKey(), server.secretKey()),
                    "the bucket some-bucket is not in this region",
                    "Write the bucket's region into the location: "
                            + endpoint
                            + "&region=eu-central-1.");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"AES256", "aws:kms", "aws:kms&kms-key=some-key"})
    void encryptionThatTheServerHasNotIsCalledSo(String sse) {
        TestBucket bucket = TestBucket.make();
        String location = bucket.location("x", "&sse=" + sse);
        try (ObjectStore store = open(location, bucket.credentials(), TestBucket.PATIENCE)) {
            assertThatThrownBy(() -> store.create("a", ObjectBody.of(ByteBuffer.allocate(1))))
                    .isInstanceOfSatisfying(
                            StoreException.Denied.class,
                            e ->
                                    assertThat(e.remedy())
                                            .isEqualTo(
                                                    "Configure the server's KMS, or leave sse="
                                                            + (sse.contains("kms-key")
                                                                    ? " and kms-key="
                                                                    : "")
                                                            + " out of the location."))
                    .hasMessageStartingWith(
                            "%s can't encrypt as sse=%s asks (NotImplemented, 501): "
                                    .formatted(
                                            bucket.server().endpoint(),
                                            sse.replaceFirst("&.*", "")));
        }
    }

    @Test
    void whereNobodyListensIsToldFromWhereNothingIs() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        String server = "http://127.0.0.1:" + port;
        assertUnavailable(
                "s3://some-bucket/x?endpoint=" + server,
                server + " can't be reached: ",
                "Start the server, or correct the endpoint.");
        assertUnavailable(
                "s3://some-bucket/x?endpoint=http://no-such-host.invalid",
                "http://no-such-host.invalid can't be reached: there is no host"
                        + " no-such-host.invalid",
                "Check the endpoint, or the region, and the name server.");
    }

    @Test
    void tlsWhereTheServerHasNoneIsAWrongEndpoint() {
        TestBucket bucket = TestBucket.make();
        String endpoint = "https://" + bucket.server().endpoint().getAuthority();
        assertDenied(
                "s3://some-bucket/x?endpoint=" + endpoint,
                bucket.credentials(),
                endpoint + " does not speak S3: ",
                "Correct the endpoint: scheme, host and port");
    }

    @Test
    void aServerThatStandsStillIsGivenUpInSeconds() throws Exception {
        try (MinioProcess process =
                MinioProcess.start(S3Server.program(), folder, MinioProcess.Data.KEPT)) {
            TestBucket bucket = TestBucket.makeOn(process.server());
            signal("STOP", process);
            try (ObjectStore store =
                    open(bucket.location("x", ""), bucket.credentials(), Duration.ofSeconds(2))) {
                // More than the buffers on the way take, so that it stands still while sending
                ByteBuffer large = ByteBuffer.allocate(S3Upload.PART_BYTES);
                assertThatThrownBy(() -> store.create("a", ObjectBody.of(large)))
                        .isInstanceOf(StoreException.Unavailable.class)
                        .hasMessage(process.server().endpoint() + " has not answered for 2 s");
                assertThatThrownBy(() -> store.read("a", 0, ByteBuffer.allocate(1)))
                        .isInstanceOf(StoreException.Unavailable.class)
                        .hasMessage(process.server().endpoint() + " has not answered for 2 s");
            } finally {
                signal("CONT", process);
            }
        }
    }

    @Test
    void whoeverIsStoppedWaitsForNoAnswer() throws Exception {
        try (MinioProcess process =
                MinioProcess.start(S3Server.program(), folder, MinioProcess.Data.KEPT)) {
            TestBucket bucket = TestBucket.makeOn(process.server());
            CountDownLatch stop = new CountDownLatch(1);
            signal("STOP", process);
            try (ObjectStore store =
                    S3ObjectStore.open(
                            S3Place.parse(bucket.location("x", "")),
                            bucket.credentials(),
                            Duration.ofDays(1),
                            stop)) {
                stop.countDown();
                assertThatThrownBy(() -> store.read("a", 0, ByteBuffer.allocate(1)))
                        .hasMessage("stopped while an answer was waited for");
            } finally {
                signal("CONT", process);
            }
        }
    }

    private static void signal(String name, MinioProcess process) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start();
        assertThat(kill.waitFor()).isZero();
    }

    private static AwsCredentialsProvider basic(String key, String secret) {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create(key, secret));
    }

    static ObjectStore open(
            String location, AwsCredentialsProvider credentials, Duration patience) {
        return S3ObjectStore.open(S3Place.parse(location), credentials, patience, TestBucket.NEVER);
    }

    private static void assertDenied(
            String location, AwsCredentialsProvider credentials, String message, String remedy) {
        try (ObjectStore store = open(location, credentials, TestBucket.PATIENCE)) {
            for (Request request : requests(store)) {
                assertThatThrownBy(request::send)
                        .isInstanceOfSatisfying(
                                StoreException.Denied.class,
                                e -> assertThat(e.remedy()).startsWith(remedy))
                        .hasMessageStartingWith(message);
            }
        }
    }

    private static void assertUnavailable(String location, String message, String remedy) {
        try (ObjectStore store = open(location, basic("a", "b"), TestBucket.PATIENCE)) {
            for (Request request : requests(store)) {
                assertThatThrownBy(request::send)
                        .isInstanceOfSatisfying(
                                StoreException.Unavailable.class,
                                e -> assertThat(e.remedy()).isEqualTo(remedy))
                        .hasMessageStartingWith(message);
            }
        }
    }

    /// One of each kind that a command begins with.
    private static List<Request> requests(ObjectStore store) {
        return List.of(
                () -> store.read("archive.json", 0, ByteBuffer.allocate(10)),
                () -> store.list("log/", null, 10),
                () -> store.create("archive.json", ObjectBody.of(ByteBuffer.allocate(10))));
    }

    private interface Request {
        Object send() throws IOException;
    }
}
