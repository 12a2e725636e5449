package dev.holdfast.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.storage.DeleteOutcome;
import dev.holdfast.storage.GuardedProcess;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ReadOutcome;
import dev.holdfast.storage.StoreException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// What a bucket refuses, each with words of its own and a hint that fits.
final class GcsFailuresTest {
    private static final String BUCKET = "some-bucket";

    private StrictGcs server;

    @BeforeEach
    void start() throws IOException {
        server = StrictGcs.start(BUCKET);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aMissingBucketIsCalledSo() {
        assertDenied(
                server.endpoint(),
                "not-there",
                "there is no bucket not-there (",
                "Create the bucket, or correct its name or endpoint.");
        assertDenied(
                GcsServer.shared().endpoint(),
                "not-there",
                "there is no bucket not-there (",
                "Create the bucket, or correct its name or endpoint.");
    }

    @Test
    void aMissingObjectIsToldFromAMissingBucketByAServerThatHasOneAnswer() throws IOException {
        GcsServer other = GcsServer.shared();
        try (ObjectStore store = GcsStores.open(other.endpoint(), other.makeBucket(), "x")) {
            assertThat(store.read("a", 0, ByteBuffer.allocate(1)))
                    .isInstanceOf(ReadOutcome.NotFound.class);
            assertThat(store.delete("a")).isInstanceOf(DeleteOutcome.NotFound.class);
        }
    }

    @Test
    void whoGivesNoNameIsAskedForIt() {
        server.wantToken("right");
        assertDenied(
                server.endpoint(),
                BUCKET,
                "the store wants to know who asks (",
                "Leave credentials=none out of the location");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    403 | forbidden           | access denied (forbidden, 403): words | true
                    403 | accessNotConfigured | the project does not use Cloud Storage ( | true
                    403 | billingDisabled     | the project's billing account is closed or missing | true
                    400 | invalid             | refused the request (invalid, 400): words | true
                    403 | rateLimitExceeded   | asks for fewer requests ( | false
                    403 | quotaExceeded       | asks for fewer requests ( | false
                    429 | rateLimitExceeded   | asks for fewer requests ( | false
                    503 | backendError        | asks for fewer requests ( | false
                    500 | backendError        | %s failed (backendError, 500): words | false
                    409 | conflict            | %s is busy with that name ( | false
                    408 | uploadBrokenConnection | %s did not get what was sent ( | false
                    """)
    void eachRefusalHasItsWords(int status, String reason, String message, boolean isDenied)
            throws IOException {
        server.refuse("GET /storage/v1/b/some-bucket/o?", status, reason, "words");
        try (ObjectStore store = GcsStores.open(server.endpoint(), BUCKET, "x")) {
            assertThatThrownBy(() -> store.list("", null, 10))
                    .isInstanceOfAny(
                            isDenied
                                    ? new Class<?>[] {StoreException.Denied.class}
                                    : new Class<?>[] {
                                        StoreException.Unavailable.class,
                                        StoreException.Throttled.class
                                    })
                    .hasMessageStartingWith(message.replace("%s", server.endpoint().toString()));
            assertThat(store.list("", null, 10).entries()).isEmpty();
        }
    }

    @Test
    void theProjectThatPaysIsNamedAndAskedFor() throws IOException {
        server.refuse(
                "GET /storage",
                400,
                "required",
                "Bucket is a requester pays bucket but no user project provided.");
        try (ObjectStore store = GcsStores.open(server.endpoint(), BUCKET, "x")) {
            assertThatThrownBy(() -> store.list("", null, 10))
                    .hasMessageStartingWith("the bucket some-bucket wants whoever asks to pay");
        }
        GcsPlace place =
                GcsPlace.parse(
                        "gs://some-bucket/x?endpoint=" + server.endpoint() + "&project=who-pays");
        try (ObjectStore store = GcsObjectStore.open(place, GcsStores.NEVER)) {
            assertThat(store.list("", null, 10).entries()).isEmpty();
        }
        assertThat(server.asked()).last().asString().contains("userProject=who-pays");
    }

    @Test
    void whatIsHeldIsKeptAndNoError() throws IOException {
        server.refuse("DELETE ", 403, "retentionPolicyNotMet", "retained until 2030");
        try (ObjectStore store = GcsStores.open(server.endpoint(), BUCKET, "x")) {
            assertThat(store.delete("a"))
                    .isInstanceOfSatisfying(
                            DeleteOutcome.Retained.class,
                            kept -> assertThat(kept.why()).contains("retained until 2030"));
        }
    }

    @Test
    void whatIsNoStoreIsAWrongEndpoint() throws IOException {
        String tls = "https://" + GcsServer.shared().endpoint().getAuthority();
        assertDenied(
                URI.create(tls),
                BUCKET,
                tls + " does not speak Google's JSON API: ",
                "Correct the endpoint: scheme, host and port");
        server.refuse("GET /storage", 404, "", "<html>Not Found</html>");
        try (ObjectStore store = GcsStores.open(server.endpoint(), BUCKET, "x")) {
            assertThatThrownBy(() -> store.list("", null, 10))
                    .isInstanceOf(StoreException.Denied.class)
                    .hasMessageContaining("does not speak Google's JSON API: 404");
        }
    }

    @Test
    void whereNobodyListensIsToldFromWhereNothingIs() throws IOException {
        URI nobody = URI.create("http://127.0.0.1:" + GuardedProcess.freePort());
        assertUnavailable(
                nobody,
                nobody + " can't be reached: ",
                "Start the server, or correct the endpoint.");
        assertUnavailable(
                URI.create("http://no-such-host.invalid"),
                "http://no-such-host.invalid can't be reached: there is no host"
                        + " no-such-host.invalid",
                "Check the endpoint, and the name server.");
    }

    @Test
    void aServerThatStandsStillIsGivenUpInSeconds() throws IOException {
        // Connections are made, as the kernel does that, and nobody reads what they bring
        try (ServerSocket still = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            String endpoint = "http://127.0.0.1:" + still.getLocalPort();
            GcsPlace place = GcsPlace.parse("gs://some-bucket/x?endpoint=" + endpoint);
            CountDownLatch never = new CountDownLatch(1);
            try (ObjectStore store =
                    GcsObjectStore.open(
                            place, GcsAccess.of(() -> null), Duration.ofSeconds(1), never)) {
                ByteBuffer large = ByteBuffer.allocate(GcsUpload.PART_BYTES);
                assertThatThrownBy(() -> store.create("a", ObjectBody.of(large)))
                        .isInstanceOf(StoreException.Unavailable.class)
                        .hasMessage(endpoint + " has not answered for 1 s");
                assertThatThrownBy(() -> store.read("a", 0, ByteBuffer.allocate(1)))
                        .hasMessage(endpoint + " has not answered for 1 s");
            }
            try (ObjectStore store =
                    GcsObjectStore.open(
                            place,
                            GcsAccess.of(() -> null),
                            Duration.ofDays(1),
                            new CountDownLatch(0))) {
                assertThatThrownBy(() -> store.read("a", 0, ByteBuffer.allocate(1)))
                        .hasMessage("stopped while an answer was waited for");
            }
        }
    }

    private static void assertDenied(URI server, String bucket, String message, String remedy) {
        try (ObjectStore store = GcsStores.open(server, bucket, "x")) {
            for (Request request : requests(store)) {
                assertThatThrownBy(request::send)
                        .isInstanceOfSatisfying(
                                StoreException.Denied.class,
                                e -> assertThat(e.remedy()).startsWith(remedy))
                        .hasMessageStartingWith(message);
            }
        }
    }

    private static void assertUnavailable(URI server, String message, String remedy) {
        try (ObjectStore store = GcsStores.open(server, BUCKET, "x")) {
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
