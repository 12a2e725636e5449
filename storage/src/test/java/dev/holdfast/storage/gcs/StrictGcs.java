package dev.holdfast.storage.gcs;

import com.google.api.client.json.JsonFactory;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.services.storage.model.StorageObject;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsServer;

import dev.holdfast.storage.gcs.StrictBucket.Refused;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A server that keeps to what Google's documentation of the JSON API says, where fake-gcs-server
/// is laxer: conditions under concurrency and at an upload's end, digests, parts.
///
/// Strongly consistent, in memory. What happens to a request can be chosen: a refusal, an answer
/// that is lost, a part of which less is kept.
final class StrictGcs implements AutoCloseable {
    private static final JsonFactory JSON = GsonFactory.getDefaultInstance();

    private static final Pattern OBJECTS = Pattern.compile("/storage/v1/b/([^/]+)/o(?:/(.+))?");
    private static final Pattern PART_RANGE =
            Pattern.compile("bytes (?:(\\d+)-(\\d+)|\\*)/(\\d+|\\*)");
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, StrictBucket> buckets = new ConcurrentHashMap<>();
    private final Queue<Fate> fates = new ConcurrentLinkedQueue<>();
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();
    private volatile @Nullable String token;

    /// What happens to the next request of a kind.
    ///
    /// @param refusal the answer to it; if there is none it has its effect, and no answer
    /// @param keeps at most so many bytes of it
    private record Fate(Predicate<String> of, @Nullable Refused refusal, int keeps) {}

    /// A request, taken apart.
    private record Asked(
            HttpExchange exchange, Map<String, String> query, String content, Optional<Fate> fate) {
        byte[] body() {
            return content.getBytes(StandardCharsets.ISO_8859_1); // which keeps all bytes
        }

        String path() {
            return exchange.getRequestURI().getRawPath();
        }

        String method() {
            return exchange.getRequestMethod();
        }

        @Nullable String header(String name) {
            return exchange.getRequestHeaders().getFirst(name);
        }

        @Nullable Long ifGeneration() {
            return query.containsKey("ifGenerationMatch")
                    ? Long.valueOf(query.get("ifGenerationMatch"))
                    : null;
        }
    }

    private StrictGcs(HttpServer server) {
        this.server = server;
    }

    static StrictGcs start(String... names) throws IOException {
        return start(HttpServer.create(), names);
    }

    /// @param http on no port yet
    static StrictGcs start(HttpServer http, String... names) throws IOException {
        http.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        StrictGcs server = new StrictGcs(http);
        for (String name : names) {
            server.buckets.put(name, new StrictBucket());
        }
        http.setExecutor(server.threads);
        http.createContext("/", server::answer);
        http.start();
        return server;
    }

    URI endpoint() {
        String scheme = server instanceof HttpsServer ? "https" : "http";
        return URI.create(scheme + "://127.0.0.1:" + server.getAddress().getPort());
    }

    StrictBucket bucket(String name) {
        return java.util.Objects.requireNonNull(buckets.get(name));
    }

    /// From now on it wants this token of everybody.
    void wantToken(String wanted) {
        token = wanted;
    }

    /// What was asked, as `GET /path?query`.
    List<String> asked() {
        return List.copyOf(asked);
    }

    /// The next request of a kind, as `PUT /upload/`, is refused.
    StrictGcs refuse(String kind, int status, String reason, String message) {
        return add(kind, new Refused(status, reason, message), Integer.MAX_VALUE);
    }

    /// The next request of a kind has its effect, and its answer is lost.
    StrictGcs loseAnswer(String kind) {
        return add(kind, null, Integer.MAX_VALUE);
    }

    /// Of the next part so many bytes are kept, and no answer comes.
    StrictGcs breakPart(int keeps) {
        return add("PUT /upload/", null, keeps);
    }

    private StrictGcs add(String kind, @Nullable Refused refusal, int keeps) {
        fates.add(new Fate(line -> line.startsWith(kind), refusal, keeps));
        return this;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        asked.add(line);
        Optional<Fate> fate = fates.stream().filter(each -> each.of.test(line)).findFirst();
        fate.ifPresent(fates::remove);
        try (exchange) {
            Asked request =
                    new Asked(
                            exchange,
                            query(exchange.getRequestURI().getRawQuery()),
                            new String(
                                    exchange.getRequestBody().readAllBytes(),
                                    StandardCharsets.ISO_8859_1),
                            fate);
            if (fate.isPresent() && fate.get().refusal != null) {
                refuse(request, fate.get().refusal);
                return;
            }
            try {
                route(request);
            } catch (Refused e) {
                refuse(request, e);
            }
        }
    }

    private static Map<String, String> query(@Nullable String raw) {
        Map<String, String> query = new HashMap<>();
        for (String pair : raw == null ? new String[0] : raw.split("&")) {
            String[] parts = pair.split("=", 2);
            query.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        return query;
    }

    private void route(Asked request) throws IOException, Refused {
        String path = request.path();
        boolean isUpload = path.startsWith("/upload");
        boolean isDownload = path.startsWith("/download");
        Matcher parts =
                OBJECTS.matcher(
                        isUpload
                                ? path.substring("/upload".length())
                                : isDownload ? path.substring("/download".length()) : path);
        if (!parts.matches()) {
            throw new Refused(404, "", "Not Found");
        }
        String id = request.query.get("upload_id");
        checkToken(request, id);
        @Nullable StrictBucket bucket = buckets.get(parts.group(1));
        if (bucket == null) {
            throw new Refused(404, "notFound", "The specified bucket does not exist.");
        }
        String name =
                parts.group(2) == null
                        ? ""
                        : URLDecoder.decode(parts.group(2), StandardCharsets.UTF_8);
        if (id != null) {
            session(request, bucket, id);
        } else if (isUpload) {
            upload(request, bucket);
        } else if (name.isEmpty()) {
            list(request, bucket);
        } else if (request.method().equals("DELETE")) {
            if (!bucket.delete(name)) {
                throw new Refused(404, "notFound", "No such object: " + path);
            }
            send(request, 204, "");
        } else {
            get(request, bucket, name);
        }
    }

    /// The address of an upload needs none.
    private void checkToken(Asked request, @Nullable String id) throws Refused {
        String wanted = token;
        @Nullable String given = request.header("Authorization");
        if (wanted != null && id == null && !("Bearer " + wanted).equals(given)) {
            throw given == null
                    ? new Refused(401, "required", "Anonymous caller does not have access.")
                    : new Refused(401, "authError", "Invalid Credentials");
        }
    }

    private void upload(Asked request, StrictBucket bucket) throws IOException, Refused {
        @Nullable Long condition = request.ifGeneration();
        switch (String.valueOf(request.query.get("uploadType"))) {
            case "multipart" -> {
                List<byte[]> parts = multipart(request);
                StorageObject described = described(parts.getFirst());
                send(
                        request,
                        200,
                        JSON.toString(bucket.insert(described, condition, parts.getLast())));
            }
            case "resumable" -> {
                String id = bucket.begin(described(request.body()), condition);
                request.exchange
                        .getResponseHeaders()
                        .set(
                                "Location",
                                endpoint()
                                        + request.path()
                                        + "?uploadType=resumable&upload_id="
                                        + id);
                send(request, 200, "");
            }
            default -> throw new Refused(400, "invalid", "no such uploadType");
        }
    }

    private static StorageObject described(byte[] json) throws IOException, Refused {
        StorageObject described =
                JSON.fromString(new String(json, StandardCharsets.UTF_8), StorageObject.class);
        if (described.getName() == null) {
            throw new Refused(400, "required", "Required");
        }
        return described;
    }

    /// The bodies of two parts.
    private static List<byte[]> multipart(Asked request) {
        String type = String.valueOf(request.header("Content-Type"));
        String boundary = "--" + type.substring(type.indexOf("boundary=") + "boundary=".length());
        String text = request.content;
        String[] pieces = text.split(Pattern.quote(boundary), -1);
        return Arrays.stream(pieces, 1, 3)
                .map(piece ->
                        piece.substring(
                                piece.indexOf("\r\n\r\n") + 4, piece.length() - "\r\n".length()))
                .map(body -> body.getBytes(StandardCharsets.ISO_8859_1))
                .toList();
    }

    private void session(Asked request, StrictBucket bucket, String id)
            throws IOException, Refused {
        if (request.method().equals("DELETE")) {
            bucket.cancel(id);
            send(request, 499, "");
            return;
        }
        Matcher range = PART_RANGE.matcher(String.valueOf(request.header("Content-Range")));
        if (!range.matches()) {
            throw new Refused(400, "invalid", "no range of a part");
        }
        long total = range.group(3).equals("*") ? -1 : Long.parseLong(range.group(3));
        boolean isQuestion = range.group(1) == null && total < 0;
        long from = range.group(1) == null ? bucket.kept(id) : Long.parseLong(range.group(1));
        Optional<StorageObject> stored =
                isQuestion
                        ? Optional.empty()
                        : bucket.append(
                                id, from, request.body(), keeps(request), total, crc32c(request));
        if (stored.isPresent()) {
            send(request, 200, JSON.toString(stored.get()));
            return;
        }
        long kept = bucket.kept(id);
        if (kept > 0) {
            request.exchange.getResponseHeaders().set("Range", "bytes=0-" + (kept - 1));
        }
        send(request, 308, "");
    }

    private static int keeps(Asked request) {
        return request.fate.map(Fate::keeps).orElse(Integer.MAX_VALUE);
    }

    private static @Nullable String crc32c(Asked request) {
        @Nullable String hash = request.header("X-Goog-Hash");
        return hash == null ? null : hash.replace("crc32c=", "");
    }

    private void list(Asked request, StrictBucket bucket) throws IOException, Refused {
        String after = request.query.get("pageToken");
        send(
                request,
                200,
                JSON.toString(
                        bucket.list(
                                request.query.getOrDefault("prefix", ""),
                                request.query.getOrDefault("startOffset", ""),
                                after == null ? null : after.substring("after:".length()),
                                Integer.parseInt(
                                        request.query.getOrDefault("maxResults", "1000")))));
    }

    private void get(Asked request, StrictBucket bucket, String name) throws IOException, Refused {
        StrictBucket.Generation found =
                bucket.find(name)
                        .orElseThrow(() ->
                                new Refused(404, "notFound", "No such object: " + request.path()));
        if (!"media".equals(request.query.get("alt"))) {
            send(request, 200, JSON.toString(found.described(name)));
            return;
        }
        byte[] bytes = found.bytes();
        request.exchange
                .getResponseHeaders()
                .set("X-Goog-Generation", String.valueOf(found.number()));
        request.exchange
                .getResponseHeaders()
                .put(
                        "X-Goog-Hash",
                        List.of("crc32c=" + GcsBytes.crc32c(bytes), "md5=" + GcsBytes.md5(bytes)));
        Matcher range = RANGE.matcher(String.valueOf(request.header("Range")));
        if (!range.matches()) {
            send(request, 200, bytes);
            return;
        }
        long first = Long.parseLong(range.group(1));
        if (first >= bytes.length) {
            throw new Refused(416, "requestedRangeNotSatisfiable", "Request range not satisfiable");
        }
        int end = (int) Math.min(bytes.length, Long.parseLong(range.group(2)) + 1);
        request.exchange
                .getResponseHeaders()
                .set("Content-Range", "bytes %d-%d/%d".formatted(first, end - 1, bytes.length));
        send(request, 206, Arrays.copyOfRange(bytes, (int) first, end));
    }

    /// In Google's form; a download is answered in plain text.
    private static void refuse(Asked request, Refused refusal) throws IOException {
        boolean isPlain = "media".equals(request.query.get("alt")) || refusal.reason.isEmpty();
        String json =
                """
                {"error":{"code":%d,"message":%s,"errors":[{"message":"","domain":"global","reason":"%s"}]}}
                """
                        .formatted(
                                refusal.status,
                                JSON.toString(refusal.getMessage()),
                                refusal.reason);
        send(request, refusal.status, isPlain ? String.valueOf(refusal.getMessage()) : json);
    }

    private static void send(Asked request, int status, String body) throws IOException {
        send(request, status, body.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(Asked request, int status, byte[] body) throws IOException {
        if (request.fate.isPresent() && request.fate.get().refusal == null) {
            return; // closing it without an answer breaks the connection
        }
        request.exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        request.exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
