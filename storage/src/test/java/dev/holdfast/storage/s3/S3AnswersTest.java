package dev.holdfast.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.DeleteOutcome;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.StoreException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;

/// What is made of answers that only other servers give, or a network that damages them.
final class S3AnswersTest {
    private static final byte[] BODY = "hello".getBytes(StandardCharsets.US_ASCII);

    private ScriptedServer server;
    private ObjectStore store;

    @BeforeEach
    void start() throws IOException {
        server = ScriptedServer.start();
        store = server.open("");
    }

    @AfterEach
    void stop() throws IOException {
        store.close();
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "503, SlowDown",
        "429, TooManyRequests",
        "503, ServiceUnavailable",
        "400, RequestLimitExceeded"
    })
    void whoAsksForFewerRequestsIsHeard(int status, String code) {
        server.thenError(status, code, "Please reduce your request rate.");
        assertThatThrownBy(this::create)
                .isInstanceOf(StoreException.Throttled.class)
                .hasMessage(
                        "asks for fewer requests (%s, %d): Please reduce your request rate."
                                .formatted(code, status));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html><body>503 Service Unavailable</body></html>", "no backend"})
    void aBalancerWithoutServersIsNotAvailableAndAsksForNothing(String body) {
        server.then(503, Map.of("Content-Type", "text/html"), body);
        assertThatThrownBy(this::create)
                .isInstanceOfSatisfying(
                        StoreException.Throttled.class,
                        e -> assertThat(e.remedy()).startsWith("Check the server"))
                .hasMessageStartingWith(
                        "http://127.0.0.1:%d is not available (503)".formatted(server.port()));
    }

    @ParameterizedTest
    @CsvSource({
        "500, InternalError, http://127.0.0.1:PORT failed (",
        "409, ConditionalRequestConflict, http://127.0.0.1:PORT is busy with that name (",
        "400, BadDigest, http://127.0.0.1:PORT did not get what was sent (",
        "307, TemporaryRedirect, http://127.0.0.1:PORT sends requests for the bucket some-bucket"
                + " elsewhere for now (",
        "507, XMinioStorageFull, http://127.0.0.1:PORT has no room (",
        "400, RequestTimeout, http://127.0.0.1:PORT did not get what was sent ("
    })
    void whatMayPassIsTriedAgain(int status, String code, String message) {
        server.thenError(status, code, "Words.");
        assertThatThrownBy(this::create)
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageStartingWith(message.replace("PORT", "" + server.port()))
                .hasMessageEndingWith("(%s, %d): Words.".formatted(code, status));
    }

    @ParameterizedTest
    @CsvSource({
        "400, ExpiredToken, 'the session token has expired', Renew the credentials",
        "400, KMS.DisabledException, the key for SSE-KMS, Check kms-key",
        "501, NotImplemented, can't do what an archive needs, Use a server",
        "403, InvalidObjectState, the object lies in a storage class, Bring it back",
        "400, InvalidStorageClass, refused the request, Check the location's options",
        "400, InvalidArgument, refused the request, Check the location's options",
    })
    void whatStaysIsNot(int status, String code, String message, String remedy) {
        server.thenError(status, code, "Words.");
        assertDenied(e -> {
            assertThat(e).hasMessageStartingWith(message);
            assertThat(e.remedy()).startsWith(remedy);
        });
    }

    /// As MinIO's console answers whatever is signed; to the rest it gives its page.
    @Test
    void aConsolesPortIsAWrongEndpoint() {
        server.thenError(400, "InvalidArgument", "S3 API Requests must be made to API port.");
        assertDenied(e -> {
            assertThat(e)
                    .hasMessage(
                            "http://127.0.0.1:%d does not speak S3 (InvalidArgument, 400): S3 API"
                                            .formatted(server.port())
                                    + " Requests must be made to API port.");
            assertThat(e.remedy()).startsWith("Correct the endpoint").contains("web console");
        });
    }

    @Test
    void whatIsNotThereBesidesEncryptionIsNotBlamedOnIt() throws IOException {
        try (ObjectStore encrypted = server.open("&sse=AES256")) {
            server.thenError(501, "NotImplemented", "A header you provided has no function here.");
            assertThatThrownBy(() -> encrypted.create("a", ObjectBody.of(ByteBuffer.wrap(BODY))))
                    .isInstanceOf(StoreException.Denied.class)
                    .hasMessageStartingWith("can't do what an archive needs");
        }
        server.thenError(501, "NotImplemented", "KMS is not configured");
        assertDenied(e -> assertThat(e).hasMessageStartingWith("can't do what an archive needs"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&region=eu-central-1"})
    void theRegionThatS3NamesIsInTheHintWithAllElseThatTheLocationHas(String region)
            throws IOException {
        try (ObjectStore other =
                server.open(region + "&storage-class=STANDARD_IA&profile=backup")) {
            server.then(
                    301,
                    Map.of("x-amz-bucket-region", "eu-west-3"),
                    "<Error><Code>PermanentRedirect</Code><Message>Elsewhere.</Message></Error>");
            assertThatThrownBy(() -> other.list("", null, 1))
                    .isInstanceOfSatisfying(
                            StoreException.Denied.class,
                            e ->
                                    assertThat(e.remedy())
                                            .endsWith(
                                                    ("s3://some-bucket/x"
                                                         + "?endpoint=http://127.0.0.1:%d"
                                                         + "&region=eu-west-3"
                                                         + "&storage-class=STANDARD_IA"
                                                         + "&profile=backup.")
                                                            .formatted(server.port())))
                    .hasMessageStartingWith(
                            "the bucket some-bucket is not in this region but in eu-west-3");
        }
    }

    @Test
    void aClockThatIsWrongIsToldByHowMuchAndTheNextRequestIsSignedWithTheServersTime()
            throws IOException {
        server.then(
                403,
                Map.of("Date", "Thu, 01 Jan 2026 00:00:00 GMT"),
                "<Error><Code>RequestTimeTooSkewed</Code><Message>No.</Message></Error>");
        assertThatThrownBy(this::create)
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageMatching(".* has another time than this machine by \\d{3,} s \\(.*");
        server.then(200, Map.of("ETag", etag()), "");
        assertThat(create()).isInstanceOf(CreateOutcome.Created.class);
        assertThat(server.asked().getLast().headers().get("x-amz-date"))
                .startsWith("20260101T0000");
    }

    @Test
    void aWebPageIsNoS3() {
        for (int status : new int[] {400, 404}) {
            server.then(status, Map.of("Content-Type", "text/html"), "<html><p>Hi</html>");
            assertThatThrownBy(this::create)
                    .isInstanceOf(StoreException.Unintelligible.class)
                    .hasMessageContaining(" does not speak S3: ");
        }
        server.then(200, Map.of("Content-Type", "text/html"), "<html><p>Hi</html>");
        assertThatThrownBy(() -> store.list("log/", null, 1))
                .isInstanceOf(StoreException.Unintelligible.class)
                .hasMessageContaining(" does not speak S3: ");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void aWebPageIsNoObject(int room) {
        server.then(200, Map.of("Content-Type", "text/html"), "<html><p>Hi</html>");
        assertThatThrownBy(() -> store.read("a", 0, ByteBuffer.allocate(room)))
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageStartingWith("the store has not said that what it gives is a: ");
    }

    @Test
    void aProxyThatWaitedTooLongForABodyIsNoWrongEndpoint() {
        server.then(408, Map.of("Content-Type", "text/html"), "<html>408 Request Time-out</html>");
        assertThatThrownBy(this::create)
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageEndingWith(" did not get what was sent (408)");
    }

    @ParameterizedTest
    @CsvSource({
        "404, NoSuchBucket, there is no bucket some-bucket (NoSuchBucket",
        "400, ExpiredToken, 'the session token has expired, or is not known there (ExpiredToken'",
        "403, SignatureDoesNotMatch, these credentials are not known there (SignatureDoesNotMatch"
    })
    void aRefusalWithoutWordsIsAskedForItsReason(int status, String code, String message) {
        server.then(status, Map.of(), "").thenError(status, code, "Words.");
        assertThatThrownBy(() -> store.delete("a"))
                .isInstanceOf(StoreException.Denied.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void aServersWordsReachNoTerminalAsCommands() {
        server.thenError(400, "No&#10;Such" + "x".repeat(1_000), "One&#155;2J&#10;event=two");
        assertDenied(e ->
                assertThat(e)
                        .hasMessageStartingWith("refused the request (No Suchxxx")
                        .hasMessageEndingWith(" …, 400): One 2J event=two"));
    }

    @Test
    void whatIsNotThereIsNotDeleted() throws IOException {
        server.then(404, Map.of(), "").thenError(404, "NoSuchKey", "Words.");
        assertThat(store.delete("a")).isEqualTo(new DeleteOutcome.NotFound());
    }

    @Test
    void anObjectWithoutASizeIsNotMadeAnEmptyOne() {
        server.thenUnmeasured(200, Map.of("ETag", etag()), "");
        assertThatThrownBy(() -> store.read("a", 0, ByteBuffer.allocate(0)))
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessage("the store does not say how large a is");
    }

    @Test
    void anAnswerThatIsLargerThanAnyOfS3sIsNotTakenIntoMemory() {
        server.then(200, Map.of(), large("ListBucketResult", "<IsTruncated>false</IsTruncated>"));
        assertThatThrownBy(() -> store.list("log/", null, 1))
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageEndingWith(
                        "broke off: an answer of more than " + BoundedAnswers.MAX_BYTES + " bytes");
        // Its words stand behind the limit, so that only the status is known
        server.then(403, Map.of(), large("Error", "<Code>SlowDown</Code>"));
        assertDenied(e -> assertThat(e).hasMessage("access denied (403)"));
    }

    private static String large(String element, String end) {
        String much = "x".repeat(BoundedAnswers.MAX_BYTES);
        return "<%s><Name>%s</Name>%s</%s>".formatted(element, much, end, element);
    }

    @Test
    void anAcknowledgementOfOtherBytesIsNone() {
        server.then(200, Map.of("ETag", "\"00000000000000000000000000000000\""), "");
        assertThatThrownBy(this::create)
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageStartingWith("the store has acknowledged other bytes for a");
        server.then(200, Map.of("ETag", etag(), "x-amz-checksum-sha256", "AAAA"), "");
        assertThatThrownBy(this::create)
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageStartingWith("the store has acknowledged other bytes for a");
    }

    @Test
    void everyBodyComesWithItsConditionAndItsDigests() throws IOException {
        server.then(200, Map.of("ETag", etag()), "");
        CreateOutcome _ = create();
        Map<String, String> headers = server.asked().getFirst().headers();
        assertThat(headers)
                .containsEntry("if-none-match", "*")
                .containsEntry("content-md5", "XUFAKrxLKna5cZ2REBfFkg==")
                .containsEntry(
                        "x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=")
                .containsEntry("content-length", "5")
                .doesNotContainKeys("expect", "transfer-encoding", "x-amz-trailer");
    }

    @Test
    void aServerThatDoesNotKnowSha256GetsMd5Alone() throws IOException {
        server.thenError(400, "InvalidArgument", "Unsupported header x-amz-checksum-sha256");
        server.then(200, Map.of("ETag", etag()), "").then(200, Map.of("ETag", etag()), "");
        assertThat(create()).isInstanceOf(CreateOutcome.Created.class);
        assertThat(create()).isInstanceOf(CreateOutcome.Created.class);
        assertThat(server.asked()).hasSize(3);
        assertThat(server.asked().getLast().headers())
                .containsKey("content-md5")
                .doesNotContainKey("x-amz-checksum-sha256");
    }

    @Test
    void anAnswerThatBreaksOffIsNoObject() {
        server.thenCut(206, Map.of("Content-Range", "bytes 0-4/5"), "he", 5);
        assertThatThrownBy(() -> store.read("a", 0, ByteBuffer.allocate(5)))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(StoreException.Denied.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<", "<ListBucketResult>", "<ListBucketResult><Contents><Key>x/"})
    void aListingThatBreaksOffIsNoneAndMayBeTriedAgain(String body) {
        server.thenCut(200, Map.of(), body, 200);
        assertThatThrownBy(() -> store.list("log/", null, 10))
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageContaining("broke off");
    }

    @Test
    void anAnswerForAnotherRangeIsRefused() {
        server.then(206, Map.of("Content-Range", "bytes 0-4/9"), "hello");
        assertThatThrownBy(() -> store.read("a", 2, ByteBuffer.allocate(5)))
                .isInstanceOf(StoreException.Denied.class)
                .hasMessageStartingWith("the store does not answer for a range of a");
    }

    @Test
    void aListingThatBeginsAnewIsRefused() {
        server.then(
                200,
                Map.of(),
                """
                <ListBucketResult><IsTruncated>false</IsTruncated>
                <Contents><Key>x/log/1</Key><Size>1</Size></Contents></ListBucketResult>
                """);
        assertThatThrownBy(() -> store.list("log/", "log/1", 10))
                .isInstanceOf(StoreException.Denied.class)
                .hasMessage("the store does not list in order: x/log/1 after x/log/1");
    }

    @Test
    void whatMayNotBeDeletedIsRetained() throws IOException {
        server.then(200, Map.of("ETag", etag()), "");
        server.thenError(403, "AccessDenied", "No.");
        assertThat(store.delete("a"))
                .isEqualTo(new DeleteOutcome.Retained("access denied (AccessDenied, 403): No."));
    }

    private CreateOutcome create() throws IOException {
        return store.create("a", ObjectBody.of(ByteBuffer.wrap(BODY)));
    }

    private static String etag() {
        return "\"" + new StoredBytes(BODY, BODY.length).etag() + "\"";
    }

    private void assertDenied(Consumer<StoreException.Denied> wanted) {
        assertThatThrownBy(this::create)
                .isInstanceOfSatisfying(StoreException.Denied.class, wanted);
    }
}
