package dev.holdfast.storage.gcs;

import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpHeaders;
import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpResponse;
import com.google.api.client.http.UriTemplate;
import com.google.api.services.storage.Storage;
import com.google.api.services.storage.model.Objects;
import com.google.api.services.storage.model.StorageObject;

import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.StoreNames;
import dev.holdfast.storage.bucket.ConnectionFailures;
import dev.holdfast.storage.bucket.WatchedRequests;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/// The requests that an archive makes of a bucket: an object comes into it only on the condition
/// that it has no generation yet, and with digests that the server checks.
final class GcsBucket {
    /// Bodies of less fit into the buffers on the way, so that the answer is read.
    private static final int SMALL = 64 * 1024;

    private static final String WHAT_IS_STORED = "size,crc32c";

    private final Storage client;
    private final GcsPlace place;
    private final GcsRequests requests;
    private final GcsPartsProof partsProof = new GcsPartsProof(this);

    GcsBucket(Storage client, GcsPlace place, GcsRequests requests) {
        this.client = client;
        this.place = place;
        this.requests = requests;
    }

    GcsPlace place() {
        return place;
    }

    GcsRequests requests() {
        return requests;
    }

    /// To be asked before the first part of an upload.
    GcsPartsProof partsProof() {
        return partsProof;
    }

    Optional<GcsAcknowledgement> find(String name) throws IOException {
        try {
            StorageObject object =
                    requests.send(
                            GcsRequestKind.HEAD,
                            _ ->
                                    client.objects()
                                            .get(place.bucket(), place.key(name))
                                            .setUserProject(project())
                                            .setFields(WHAT_IS_STORED)
                                            .buildHttpRequest(),
                            _ -> (_, body) -> GcsJson.read(body, StorageObject.class));
            return Optional.of(GcsAcknowledgement.of(name, object));
        } catch (GcsRefusal e) {
            if (isOfObject(e)) {
                return Optional.empty();
            }
            throw requests.explain(e);
        }
    }

    /// Whether a refusal says that there is no such object, in a bucket that is there.
    ///
    /// Google says which of the two is missing; another server may have one answer for both, and is
    /// asked for the bucket.
    boolean isOfObject(GcsRefusal refusal) throws IOException {
        if (refusal.status() != 404 || refusal.isOfBucket()) {
            return false;
        }
        if (!refusal.isOfObject()) {
            Objects _ = list(place.key(""), null, null);
        }
        return true;
    }

    /// A page of keys that begin with `keyPrefix`.
    ///
    /// @param from the first that may be listed, if it is there
    /// @param token of the page before
    Objects list(String keyPrefix, @Nullable String from, @Nullable String token)
            throws IOException {
        Objects page;
        try {
            page =
                    requests.send(
                            GcsRequestKind.LIST,
                            _ ->
                                    client.objects()
                                            .list(place.bucket())
                                            .setUserProject(project())
                                            .setPrefix(keyPrefix.isEmpty() ? null : keyPrefix)
                                            .setStartOffset(from)
                                            .setPageToken(token)
                                            .setMaxResults((long) StoreNames.MAX_PAGE)
                                            .setFields("kind,nextPageToken,items(name,size)")
                                            .buildHttpRequest(),
                            _ -> (_, body) -> GcsJson.read(body, Objects.class));
        } catch (GcsRefusal e) {
            throw requests.explain(e);
        }
        // What is listed decides where a log ends, and an empty object is anybody's answer
        if (!"storage#objects".equals(page.getKind())) {
            throw new StoreException.Unavailable(
                    "the answer to a listing of " + keyPrefix + " is none",
                    ConnectionFailures.LOOK_BETWEEN,
                    null);
        }
        return page;
    }

    /// Asks for bytes of an object; a single request, so they are of one generation.
    ///
    /// @throws GcsRefusal for who knows what an answer means
    <T> T get(String name, String range, GcsRequests.Answer<T> answer) throws IOException {
        return requests.send(
                GcsRequestKind.GET,
                _ -> {
                    Storage.Objects.Get get =
                            client.objects()
                                    .get(place.bucket(), place.key(name))
                                    .setUserProject(project());
                    HttpRequest request = get.set("alt", "media").buildHttpRequest();
                    // As it is stored, so that its length is the one that was asked for
                    request.getHeaders().setRange(range).setAcceptEncoding(null);
                    return request;
                },
                answer);
    }

    CreateOutcome put(String name, byte[] bytes) throws IOException {
        GcsAcknowledgement sent = new GcsAcknowledgement(bytes.length, GcsBytes.crc32c(bytes));
        try {
            StorageObject stored =
                    requests.send(
                            GcsRequestKind.PUT,
                            progress -> {
                                StorageObject described =
                                        described(name)
                                                .setMd5Hash(GcsBytes.md5(bytes))
                                                .setCrc32c(sent.crc32c());
                                return client.getRequestFactory()
                                        .buildPostRequest(
                                                uploadUrl("multipart"),
                                                multipart(described, bytes, progress));
                            },
                            _ -> (_, body) -> GcsJson.read(body, StorageObject.class));
            GcsAcknowledgement.of(name, stored).check(name, sent);
            return new CreateOutcome.Created();
        } catch (GcsRefusal e) {
            if (e.status() == 412) {
                return new CreateOutcome.AlreadyExists();
            }
            throw requests.explain(e);
        } catch (StoreException.Unavailable e) {
            // A server that has read enough to refuse may answer and hang up before all was sent
            if (bytes.length > SMALL && find(name).isPresent()) {
                return new CreateOutcome.AlreadyExists();
            }
            throw e;
        }
    }

    private StorageObject described(String name) {
        return new StorageObject().setName(place.key(name)).setContentType(GcsBytes.TYPE);
    }

    private GenericUrl uploadUrl(String type) {
        String path = "upload/storage/v1/b/{bucket}/o";
        GenericUrl url =
                new GenericUrl(
                        UriTemplate.expand(
                                client.getRootUrl(),
                                path,
                                Map.of("bucket", place.bucket()),
                                false));
        url.put("uploadType", type);
        url.put("ifGenerationMatch", 0L);
        url.put("fields", WHAT_IS_STORED);
        if (project() != null) {
            url.put("userProject", project());
        }
        return url;
    }

    private @Nullable String project() {
        return place.options().project().orElse(null);
    }

    private static GcsBytes.Sent multipart(
            StorageObject described, byte[] bytes, AtomicLong progress) throws IOException {
        RandomGenerator random = RandomGenerator.getDefault();
        HexFormat hex = HexFormat.of();
        String boundary = hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
        String head =
                "--%1$s\r\nContent-Type: %2$s\r\n\r\n%3$s\r\n--%1$s\r\nContent-Type: %4$s\r\n\r\n"
                        .formatted(boundary, GcsJson.TYPE, GcsJson.text(described), GcsBytes.TYPE);
        return new GcsBytes.Sent(
                "multipart/related; boundary=" + boundary,
                progress,
                List.of(
                        ascii(head),
                        ByteBuffer.wrap(bytes),
                        ascii("\r\n--" + boundary + "--\r\n")));
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    /// Begins an upload of unknown length. The condition stands here, and is kept at its end.
    ///
    /// @return its address, which is a secret: whoever has it may write
    /// @throws GcsRefusal for who knows what it means that the name is taken
    String beginUpload(String name) throws IOException {
        return requests.send(
                GcsRequestKind.BEGIN_UPLOAD,
                progress -> {
                    HttpRequest request =
                            client.getRequestFactory()
                                    .buildPostRequest(
                                            uploadUrl("resumable"),
                                            new GcsBytes.Sent(
                                                    GcsJson.TYPE,
                                                    progress,
                                                    List.of(ascii(GcsJson.text(described(name))))));
                    request.getHeaders().set("X-Upload-Content-Type", GcsBytes.TYPE);
                    return request;
                },
                _ -> (response, _) -> session(name, response.getHeaders()));
    }

    private String session(String name, HttpHeaders headers) throws StoreException {
        @Nullable String location = headers.getLocation();
        if (location == null || location.isEmpty()) {
            throw new StoreException.Unavailable(
                    "the store has not said where the upload of " + name + " goes",
                    ConnectionFailures.LOOK_BETWEEN,
                    null);
        }
        URI server = place.options().server();
        if (!new GenericUrl(location).build().startsWith(server + "/")) {
            throw new StoreException.Denied(
                    "the store sends uploads to another server than " + server,
                    "Start the emulator with the endpoint as its external URL, or correct"
                            + " endpoint=.",
                    null);
        }
        return location;
    }

    /// Sends bytes of an upload; whoever waits for it learns how far it has come.
    ///
    /// @param session see [#beginUpload]
    /// @param range as the header Content-Range wants it
    /// @param crc32c of all of the object, with its last bytes
    WatchedRequests.Pending<GcsStep> beginPart(
            String name, String session, String range, Optional<String> crc32c, ByteBuffer bytes)
            throws IOException {
        return requests.begin(
                GcsRequestKind.PART,
                GcsConnection.Name.LEFT_OUT,
                progress -> {
                    HttpRequest request = put(session, range, progress, bytes);
                    crc32c.ifPresent(
                            crc -> request.getHeaders().set("X-Goog-Hash", "crc32c=" + crc));
                    return request;
                },
                _ -> (response, body) -> step(name, response, body));
    }

    /// How far an upload has come.
    GcsStep askUpload(String name, String session) throws IOException {
        return requests.begin(
                        GcsRequestKind.ASK_UPLOAD,
                        GcsConnection.Name.LEFT_OUT,
                        progress -> put(session, "bytes */*", progress, ByteBuffer.allocate(0)),
                        _ -> (response, body) -> step(name, response, body))
                .await();
    }

    private HttpRequest put(String session, String range, AtomicLong progress, ByteBuffer bytes)
            throws IOException {
        HttpRequest request =
                client.getRequestFactory()
                        .buildPutRequest(
                                new GenericUrl(session),
                                new GcsBytes.Sent(GcsBytes.TYPE, progress, List.of(bytes)));
        request.getHeaders().setContentRange(range);
        return request;
    }

    private static GcsStep step(String name, HttpResponse response, InputStream body)
            throws IOException {
        return response.isSuccessStatusCode()
                ? new GcsStep.Stored(
                        GcsAcknowledgement.of(name, GcsJson.read(body, StorageObject.class)))
                : GcsStep.Kept.of(response.getHeaders().getRange());
    }

    /// Ends an upload that is not wanted any more.
    void abortUpload(String session) throws IOException {
        try {
            Object _ =
                    requests.begin(
                                    GcsRequestKind.ABORT_UPLOAD,
                                    GcsConnection.Name.LEFT_OUT,
                                    _ ->
                                            client.getRequestFactory()
                                                    .buildDeleteRequest(new GenericUrl(session)),
                                    _ -> (_, _) -> session)
                            .await();
        } catch (GcsRefusal e) {
            // Cloud Storage, "Cancel an upload": 499 says that it is done
            if (e.status() != 499 && e.status() != 404 && e.status() != 410) {
                throw requests.explain(e);
            }
        }
    }

    /// @throws GcsRefusal for who knows what a refusal means
    void delete(String name) throws IOException {
        Object _ =
                requests.send(
                        GcsRequestKind.DELETE,
                        _ ->
                                client.objects()
                                        .delete(place.bucket(), place.key(name))
                                        .setUserProject(project())
                                        .buildHttpRequest(),
                        _ -> (_, _) -> name);
    }
}
