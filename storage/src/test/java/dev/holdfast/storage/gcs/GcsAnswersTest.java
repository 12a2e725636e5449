package dev.holdfast.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.StoreException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// What is made of answers that Google gives in rare moments, and of those that come from something
/// else: a proxy, a web server, a network's portal.
final class GcsAnswersTest {
    private static final String PAGE = "<html><p>Please log in</html>";
    private static final Map<String, String> HTML = Map.of("Content-Type", "text/html");
    private static final String LISTING = "{\"kind\":\"storage#objects\"%s}";

    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();
    private HttpServer server;
    private ObjectStore store;

    /// @param status 0 for an answer that is lost
    private record Answer(int status, Map<String, String> headers, String body) {}

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        store = GcsStores.open(endpoint(), "some-bucket", "x");
    }

    @AfterEach
    void stop() {
        store.close();
        server.stop(0);
    }

    private URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] _ = exchange.getRequestBody().readAllBytes();
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            Answer answer = answers.remove();
            if (answer.status == 0) {
                return;
            }
            byte[] body = answer.body.getBytes(StandardCharsets.UTF_8);
            answer.headers.forEach(exchange.getResponseHeaders()::set);
            exchange.sendResponseHeaders(answer.status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private GcsAnswersTest then(int status, Map<String, String> headers, String body) {
        answers.add(new Answer(status, headers, body));
        return this;
    }

    private interface Request {
        Object send() throws IOException;
    }

    private static final int CREATE = 3;

    private List<Request> requests() {
        return List.of(
                () -> store.read("a", 0, ByteBuffer.allocate(100)),
                () -> store.read("a", 0, ByteBuffer.allocate(0)),
                () -> store.list("log/", null, 10),
                () -> store.create("a", ObjectBody.of(ByteBuffer.allocate(5))),
                () -> store.delete("a"));
    }

    @Test
    void whatIsSaidToLieElsewhereIsAWrongEndpoint() {
        // To who sends an upload the same status says "go on"
        for (Request request : requests()) {
            then(308, Map.of("Location", "https://elsewhere.example/"), PAGE);
            assertThatThrownBy(request::send)
                    .isInstanceOf(StoreException.Denied.class)
                    .hasMessageStartingWith(
                            endpoint() + " does not speak Google's JSON API: 308 <html>");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    401 | <html><p>Please log in</html>
                    403 | <html><p>Please log in</html>
                    403 | <?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>
                    404 | <?xml version="1.0"?><Error><Code>NoSuchBucket</Code></Error>
                    404 | <Error>No such object: x/a</Error>
                    404 | <Error>The specified bucket does not exist.</Error>
                    """)
    void aRefusalInAnotherFormIsAWrongEndpointAndNoMissingRole(int status, String page) {
        // Of a 401 to what is no GET the client does not always show more than the status
        for (Request request : requests().subList(0, status == 401 ? CREATE : CREATE + 2)) {
            then(status, HTML, page);
            then(status, HTML, page); // of a listing, which tells the bucket from the object
            assertThatThrownBy(request::send)
                    .isInstanceOfSatisfying(
                            StoreException.Unintelligible.class,
                            e -> assertThat(e.remedy()).startsWith("Correct the endpoint"))
                    .hasMessage(
                            "%s does not speak Google's JSON API: %d %s"
                                    .formatted(endpoint(), status, page));
            answers.clear();
        }
    }

    /// Google says no more to a download, and its balancers may say nothing.
    @ParameterizedTest
    @CsvSource({
        "401, '', the store wants to know who asks (401)",
        "401, Invalid Credentials, the store wants to know who asks (401)",
        "403, '', access denied (403)",
        "403, x does not have access, access denied (403): x does not have access"
    })
    void aRefusalInPlainWordsOrNoneIsGooglesAllTheSame(int status, String words, String message) {
        // Without the deletion, which is no failure where it is not allowed
        for (Request request : requests().subList(0, CREATE + 1)) {
            then(status, HTML, words);
            assertThatThrownBy(request::send)
                    .isInstanceOf(StoreException.Denied.class)
                    .isNotInstanceOf(StoreException.Unintelligible.class)
                    .hasMessageStartingWith(message);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>Service Unavailable</html>",
                "{\"error\":{\"code\":503,\"message\":\"away\",\"status\":\"UNAVAILABLE\"}}"
            })
    void aBalancerWithoutServersIsNotAvailableAndAsksForNothing(String body) {
        for (Request request : requests()) {
            then(503, HTML, body);
            assertThatThrownBy(request::send)
                    .isInstanceOfSatisfying(
                            StoreException.Throttled.class,
                            e -> assertThat(e.remedy()).startsWith("Check the server"))
                    .hasMessageStartingWith(endpoint() + " is not available (503)");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 29, 100})
    void aWebPageIsNoObject(int room) {
        then(200, HTML, PAGE);
        assertThatThrownBy(() -> store.read("a", 0, ByteBuffer.allocate(room)))
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageStartingWith("the store has not said that what it gives is a: ");
    }

    @Test
    void aWebPageIsNoAnswer() {
        for (Request request : requests().subList(1, 4)) {
            then(200, HTML, PAGE);
            assertThatThrownBy(request::send)
                    .isInstanceOfSatisfying(
                            StoreException.Unavailable.class,
                            e -> assertThat(e.remedy()).startsWith("Check what stands between"))
                    .hasMessage("the answer is none of Cloud Storage's: found \"" + PAGE + "\"");
        }
    }

    @Test
    void aHeaderThatIsNoNumberIsTriedAgain() {
        for (Request request : requests()) {
            then(200, Map.of("Age", "soon"), PAGE);
            assertThatThrownBy(request::send)
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageStartingWith(endpoint() + " has given an answer that is none: ");
        }
    }

    @ParameterizedTest
    @CsvSource({"0, bytes 0-4/99999999999999999999", "9, bytes 9-4/5", "0, bytes 0-3/5"})
    void aRangeThatCanNotBeIsRefused(long offset, String range) {
        then(206, Map.of("Content-Range", range), "hello");
        assertThatThrownBy(() -> store.read("a", offset, ByteBuffer.allocate(5)))
                .isInstanceOf(StoreException.Denied.class)
                .hasMessageStartingWith("the store does not answer for a range of a: found bytes");
    }

    @Test
    void anItemWithoutANameIsNotPassedOver() {
        then(200, Map.of(), LISTING.formatted(",\"items\":[{\"size\":\"1\"}]"));
        assertThatThrownBy(() -> store.list("log/", "log/1", 10))
                .isInstanceOf(StoreException.Denied.class)
                .hasMessage("the store lists what was not asked for: found null, wanted x/log/…");
    }

    @Test
    void aPageWithoutNamesIsNotTheEndWhileThereAreMore() throws IOException {
        then(200, Map.of(), LISTING.formatted(",\"items\":[],\"nextPageToken\":\"t\""));
        then(
                200,
                Map.of(),
                LISTING.formatted(",\"items\":[{\"name\":\"x/log/2\",\"size\":\"1\"}]"));
        assertThat(store.list("log/", "log/1", 10))
                .isEqualTo(new ListPage(List.of(new ListPage.Entry("log/2", 1)), false));
        then(200, Map.of(), LISTING.formatted(",\"nextPageToken\":\"t\""));
        then(200, Map.of(), LISTING.formatted(",\"nextPageToken\":\"t\""));
        assertThatThrownBy(() -> store.list("log/", "log/1", 10))
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageContaining("does not get on");
    }

    @Test
    void anUploadWhoseAddressIsNoneIsTriedAgain() {
        ByteBuffer large = ByteBuffer.allocate(GcsUpload.PART_BYTES + 1);
        then(200, Map.of("Location", endpoint() + "/upload?id=%zz"), "");
        assertThatThrownBy(() -> store.create("a", ObjectBody.of(large)))
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageStartingWith(endpoint() + " has given an answer that is none: ");
        assertThat(asked).hasSize(1);
    }

    @Test
    void anUploadThatWasCompleteBeforeItWasAskedForSaysWhatIsThere() throws IOException {
        byte[] content = new byte[GcsUpload.PART_BYTES + 1];
        then(200, Map.of("Location", endpoint() + "/upload?id=1"), "");
        thenProven();
        then(308, Map.of("Range", "bytes=0-" + (GcsUpload.PART_BYTES - 1)), "")
                .then(0, Map.of(), "");
        then(
                200,
                Map.of(),
                "{\"size\":\"%d\",\"crc32c\":\"%s\"}"
                        .formatted(content.length, GcsBytes.crc32c(content)));
        try (ObjectUpload upload = store.upload("a")) {
            upload.write(ByteBuffer.wrap(content));
            assertThatThrownBy(upload::commit).isInstanceOf(StoreException.Unavailable.class);
            assertThat(upload.isRepeatable()).isTrue();
            assertThat(upload.commit()).isInstanceOf(CreateOutcome.Created.class);
        }
        assertThat(asked).hasSize(6 + 4);
    }

    /// Two uploads of one name, of which one fails; and the probe's removal.
    private void thenProven() {
        String stored =
                "{\"size\":\"1\",\"crc32c\":\"%s\"}".formatted(GcsBytes.crc32c(new byte[] {'p'}));
        Map<String, String> begun = Map.of("Location", endpoint() + "/upload?id=0");
        then(200, begun, "").then(200, begun, "").then(200, Map.of(), stored);
        then(412, Map.of(), "").then(200, Map.of(), stored).then(204, Map.of(), "");
    }
}
