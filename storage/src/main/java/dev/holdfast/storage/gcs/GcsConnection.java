package dev.holdfast.storage.gcs;

import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpResponse;
import com.google.api.client.http.HttpTransport;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.services.storage.Storage;

import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.bucket.LocationFiles;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;

/// Sends Google's requests as an archive needs it: no tries of the library's own, and nothing of an
/// answer taken into memory that is not bounded.
final class GcsConnection implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(5);

    /// Only for what [GcsRequests] does not watch: that gives up sooner.
    private static final Duration READ = Duration.ofMinutes(5);

    /// Google's word for "go on" to who sends an upload. Said of anything else it is HTTP's: what
    /// is asked for lies elsewhere.
    private static final int RESUME_INCOMPLETE = 308;

    private static final int UNAUTHORIZED = 401;

    private final HttpTransport transport;
    private final Storage client;
    private final GcsAccess access;

    private GcsConnection(HttpTransport transport, Storage client, GcsAccess access) {
        this.transport = transport;
        this.client = client;
        this.access = access;
    }

    /// @throws dev.holdfast.format.failure.SidecarException.BadConfig if a file that is named can't
    ///   be read
    static GcsConnection open(GcsOptions options) {
        HttpTransport transport = transport(options);
        // Tokens come from elsewhere: a certificate of the store's is not theirs
        return open(options, transport, GcsAccess.of(options, new NetHttpTransport()));
    }

    static GcsConnection open(GcsOptions options, GcsAccess access) {
        return open(options, transport(options), access);
    }

    private static GcsConnection open(
            GcsOptions options, HttpTransport transport, GcsAccess access) {
        Storage client =
                new Storage.Builder(transport, GsonFactory.getDefaultInstance(), _ -> {})
                        .setRootUrl(options.server() + "/")
                        .setApplicationName("holdfast")
                        .build();
        return new GcsConnection(transport, client, access);
    }

    private static HttpTransport transport(GcsOptions options) {
        NetHttpTransport.Builder transport = new NetHttpTransport.Builder();
        options.ca()
                .map(file -> socketFactory(LocationFiles.trusting(file)))
                .ifPresent(transport::setSslSocketFactory);
        return transport.build();
    }

    private static SSLSocketFactory socketFactory(javax.net.ssl.TrustManager[] trusted) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trusted, new SecureRandom());
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has TLS", e);
        }
    }

    /// To make requests of.
    Storage client() {
        return client;
    }

    /// Whether a request says in whose name it comes. The address of an upload says enough.
    enum Name {
        GIVEN,
        LEFT_OUT
    }

    /// Reads an answer.
    interface Reader<T> {
        T read(HttpResponse response, InputStream body) throws IOException;
    }

    /// On the request's thread: sends it, and reads the answer.
    ///
    /// @throws GcsRefusal for an answer that says no
    <T> T send(HttpRequest request, Name name, Reader<T> reader) throws IOException {
        request.setConnectTimeout((int) CONNECT.toMillis())
                .setReadTimeout((int) READ.toMillis())
                .setNumberOfRetries(0)
                .setThrowExceptionOnExecuteError(false)
                .setFollowRedirects(false)
                .setLoggingEnabled(false)
                .setCurlLoggingEnabled(false);
        HttpResponse response = sendOnce(request, name);
        if (response.getStatusCode() == UNAUTHORIZED && name == Name.GIVEN && access.renew()) {
            close(response);
            response = sendOnce(request, name);
        }
        try {
            boolean isGoOn = response.getStatusCode() == RESUME_INCOMPLETE && name == Name.LEFT_OUT;
            if (!response.isSuccessStatusCode() && !isGoOn) {
                throw GcsRefusal.of(response);
            }
            @Nullable InputStream body = response.getContent();
            return reader.read(response, body == null ? InputStream.nullInputStream() : body);
        } finally {
            close(response);
        }
    }

    private HttpResponse sendOnce(HttpRequest request, Name name) throws IOException {
        if (name == Name.GIVEN) {
            URI url = request.getUrl().toURI();
            access.headers(url).forEach(request.getHeaders()::put);
        }
        HttpResponse response = request.execute();
        if (response.getStatusCode() <= 0) {
            throw new StoreException.Unavailable(
                    "what answers at " + request.getUrl().getHost() + " does not speak HTTP",
                    "Correct the endpoint.",
                    null);
        }
        return response;
    }

    /// The connection is kept for the next request if all of the answer was read.
    private static void close(HttpResponse response) {
        try {
            @Nullable InputStream body = response.getContent();
            if (body != null) {
                body.close();
            }
        } catch (IOException _) {
            // what is not read any more can't fail any more
        }
    }

    @Override
    public void close() {
        try {
            transport.shutdown();
        } catch (IOException e) {
            throw new IllegalStateException("a transport that keeps nothing open", e);
        }
    }
}
