package dev.holdfast.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.StoreException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.s3.DelegatingS3Client;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Request;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.ServerSideEncryptionRule;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/// When an object is called stored.
final class S3AcknowledgementTest {
    private static final byte[] BODY = "hello".getBytes(StandardCharsets.US_ASCII);

    /// What MinIO encrypts by, with any key of 32 bytes.
    private static final Map<String, String> KMS =
            Map.of("MINIO_KMS_SECRET_KEY", "some-key:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");

    @TempDir private Path folder;

    private ScriptedServer server;

    @BeforeEach
    void start() throws IOException {
        server = ScriptedServer.start();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>Log in to this network</html>",
                "<Error><Code>InternalError</Code><Message>Words.</Message></Error>"
            })
    void aStatusAloneIsNoAcknowledgement(String body) {
        server.then(200, Map.of(), body);
        try (ObjectStore store = server.open("")) {
            assertThatThrownBy(() -> create(store, "a"))
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessage(
                            "the store has not said that it stored a: there is no ETag in its"
                                    + " answer");
        }
    }

    @Test
    void anETagByAKeyOfKmsIsNoDigestThoughNobodyAskedForTheKeyHere() throws IOException {
        server.then(
                200,
                Map.of(
                        "ETag",
                        "\"00000000000000000000000000000000\"",
                        "x-amz-server-side-encryption",
                        "aws:kms"),
                "");
        try (ObjectStore store = server.open("")) {
            assertThat(create(store, "a")).isInstanceOf(CreateOutcome.Created.class);
        }
    }

    @Test
    void aServerThatPassesOverEncryptionIsRefused() {
        server.then(200, Map.of("ETag", etag()), "");
        try (ObjectStore store = server.open("&sse=aws:kms")) {
            assertThatThrownBy(() -> create(store, "a"))
                    .isInstanceOf(StoreException.Denied.class)
                    .hasMessage("the store does not encrypt a: found sse=none, wanted sse=aws:kms");
        }
    }

    @Test
    void aBucketThatEncryptsByKmsAndOneThatIsAskedToWorkAlike() throws IOException {
        try (MinioProcess process =
                MinioProcess.start(
                        S3Server.program(), folder, MinioProcess.Data.REMOVED_AT_END, KMS)) {
            TestBucket bucket = TestBucket.makeOn(process.server());
            assertStoresAll(bucket, "asked", "&sse=aws:kms&kms-key=some-key");
            assertStoresAll(bucket, "asked-for-s3s-own", "&sse=AES256");
            encryptByDefault(bucket);
            assertStoresAll(bucket, "by-default", "");
        }
    }

    private static void encryptByDefault(TestBucket bucket) {
        ServerSideEncryptionRule rule =
                ServerSideEncryptionRule.builder()
                        .applyServerSideEncryptionByDefault(it ->
                                it.sseAlgorithm(ServerSideEncryption.AWS_KMS)
                                        .kmsMasterKeyID("some-key"))
                        .build();
        try (S3Client client = bucket.client()) {
            client.putBucketEncryption(it ->
                    it.bucket(bucket.place().bucket())
                            .serverSideEncryptionConfiguration(all -> all.rules(List.of(rule))));
        }
    }

    /// Small, and in parts.
    private static void assertStoresAll(TestBucket bucket, String prefix, String options)
            throws IOException {
        try (ObjectStore store = bucket.open(prefix, options)) {
            assertThat(create(store, "a")).isInstanceOf(CreateOutcome.Created.class);
            ByteBuffer large = ByteBuffer.allocate(S3Upload.PART_BYTES + 1);
            assertThat(store.create("b", ObjectBody.of(large)))
                    .isInstanceOf(CreateOutcome.Created.class);
        }
    }

    @Test
    void aHeaderThatTwoRequestsLearnAtOnceToBeUnknownIsLeftOutOfBoth() throws IOException {
        TestBucket bucket = TestBucket.make();
        AtomicReference<S3Bucket> requests = new AtomicReference<>();
        try (S3Client client = new NoSha256Client(bucket.client(), requests)) {
            requests.set(
                    new S3Bucket(
                            client,
                            bucket.place(),
                            new S3Requests(
                                    new S3Failures(bucket.place()),
                                    TestBucket.PATIENCE,
                                    TestBucket.NEVER)));
            assertThat(
                            Objects.requireNonNull(requests.get())
                                    .put("a", new StoredBytes(BODY, BODY.length)))
                    .isInstanceOf(CreateOutcome.Created.class);
            assertThat(Objects.requireNonNull(requests.get()).find("b")).isPresent();
        }
    }

    /// While the first request is under way a second one is made, and refused first.
    private static final class NoSha256Client extends DelegatingS3Client {
        private final AtomicReference<S3Bucket> requests;

        NoSha256Client(S3Client client, AtomicReference<S3Bucket> requests) {
            super(client);
            this.requests = requests;
        }

        @Override
        protected <T extends S3Request, R> R invokeOperation(T request, Function<T, R> operation) {
            if (request instanceof PutObjectRequest put && put.checksumSHA256() != null) {
                if (put.key().equals("a")) {
                    putOther();
                }
                throw S3Exception.builder()
                        .statusCode(400)
                        .awsErrorDetails(
                                AwsErrorDetails.builder().errorCode("InvalidArgument").build())
                        .message("Unsupported header x-amz-checksum-sha256")
                        .build();
            }
            return operation.apply(request);
        }

        private void putOther() {
            try {
                CreateOutcome _ =
                        Objects.requireNonNull(requests.get())
                                .put("b", new StoredBytes(BODY, BODY.length));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static CreateOutcome create(ObjectStore store, String name) throws IOException {
        return store.create(name, ObjectBody.of(ByteBuffer.wrap(BODY)));
    }

    private static String etag() {
        return "\"" + new StoredBytes(BODY, BODY.length).etag() + "\"";
    }
}
