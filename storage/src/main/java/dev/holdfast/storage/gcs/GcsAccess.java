package dev.holdfast.storage.gcs;

import com.google.api.client.http.HttpResponseException;
import com.google.api.client.http.HttpTransport;
import com.google.auth.Credentials;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.gson.stream.MalformedJsonException;

import dev.holdfast.format.failure.SidecarException.BadConfig;
import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.bucket.LocationFiles;
import dev.holdfast.storage.bucket.ServerWords;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.net.ssl.SSLException;

/// In whose name a bucket is asked: a file that the place names, or what Google's tools would find
/// (environment, gcloud's own file, workload identity, the machine's service account), or nobody.
///
/// Looked for when the first request needs it, and renewed while it is used.
final class GcsAccess {
    private static final String SCOPE = "https://www.googleapis.com/auth/devstorage.read_write";

    private static final String FORM = "a service account's key or of workload identity (JSON)";

    private static final String TOKENS = "Google's server for tokens";

    // The library's words where it has no type: a metadata server's status, or OAuth's own code for
    // the error (RFC 6749, 5.2; RFC 8693, 2.2.2)
    private static final Pattern ERROR_CODE = Pattern.compile("[Ee]rror code ([a-z_]+|\\d{3})");

    private static final List<String> TEMPORARY =
            List.of("server_error", "temporarily_unavailable", "internal_failure");

    private static final String CHECK_TOKENS =
            "Check the network, and what the credentials name as token server.";

    private final Source source;
    private final ReentrantLock use = new ReentrantLock();
    private @Nullable Credentials found;

    private GcsAccess(Source source) {
        this.source = source;
    }

    /// Where credentials are found.
    interface Source {
        /// Null for nobody's.
        @Nullable Credentials find() throws IOException;
    }

    /// @param transport by which tokens are asked for
    /// @throws BadConfig if a file is named that can't be read
    static GcsAccess of(GcsOptions options, HttpTransport transport) {
        if (options.isAnonymous()) {
            return of(() -> null);
        }
        if (options.credentials().isPresent()) {
            Path file = options.credentials().get();
            checkFile(options);
            return of(() -> ofFile(file, transport));
        }
        return of(() -> scoped(GoogleCredentials.getApplicationDefault(() -> transport)));
    }

    /// Throws [BadConfig] if a file is named that can't be read.
    static void checkFile(GcsOptions options) {
        if (options.credentials().isPresent()) {
            byte[] _ =
                    LocationFiles.read(GcsOptions.CREDENTIALS, options.credentials().get(), FORM);
        }
    }

    static GcsAccess of(Source source) {
        return new GcsAccess(source);
    }

    private static Credentials ofFile(Path file, HttpTransport transport) throws IOException {
        byte[] json = LocationFiles.read(GcsOptions.CREDENTIALS, file, FORM);
        try {
            return scoped(
                    GoogleCredentials.fromStream(new ByteArrayInputStream(json), () -> transport));
        } catch (IOException | IllegalArgumentException e) {
            throw new StoreException.Denied(
                    "the file that credentials= names has none: " + ServerWords.of(e),
                    "Name a file in the form of " + FORM + ".",
                    e);
        }
    }

    private static Credentials scoped(GoogleCredentials credentials) {
        return credentials.createScopedRequired() ? credentials.createScoped(SCOPE) : credentials;
    }

    /// The headers that say it: a token, and who pays.
    Map<String, List<String>> headers(URI request) throws StoreException {
        return understood(() -> {
            @Nullable Credentials credentials = credentials();
            return credentials == null ? Map.of() : credentials.getRequestMetadata(request);
        });
    }

    /// After the token was refused: gets another one. False if that makes no difference.
    boolean renew() throws StoreException {
        return understood(() -> {
            @Nullable Credentials before = credentials();
            if (before == null) {
                return false;
            }
            forget(); // a file may hold other credentials by now
            @Nullable Credentials again = credentials();
            return again != null && again.hasRequestMetadata() && isRefreshed(again);
        });
    }

    private static boolean isRefreshed(Credentials credentials) throws IOException {
        try {
            credentials.refresh();
            return true;
        } catch (IllegalStateException _) {
            return false; // a bare token, which can't be renewed
        }
    }

    private interface Question<T> {
        T ask() throws IOException;
    }

    /// None of the failures of what gives credentials ends a run: it is told, and tried again.
    private static <T> T understood(Question<T> question) throws StoreException {
        try {
            return question.ask();
        } catch (IOException e) {
            throw explain(e);
        } catch (BadConfig e) { // the file was there when the place was opened
            throw new StoreException.Denied(String.valueOf(e.getMessage()), e.remedy(), e);
        } catch (IllegalArgumentException | ClassCastException | NullPointerException e) {
            throw notUnderstood(e); // the library's way to say that an answer has another form
        }
    }

    private static StoreException notUnderstood(Exception failure) {
        return new StoreException.Unavailable(
                TOKENS + " has given an answer that is none", CHECK_TOKENS, failure);
    }

    private @Nullable Credentials credentials() throws IOException {
        use.lock();
        try {
            if (found == null) {
                found = source.find();
            }
            return found;
        } finally {
            use.unlock();
        }
    }

    private void forget() {
        use.lock();
        try {
            found = null;
        } finally {
            use.unlock();
        }
    }

    private static StoreException explain(IOException failure) {
        StringBuilder said = new StringBuilder();
        int status = 0;
        boolean isOfConnection = false;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case StoreException known -> {
                    return known;
                }
                case HttpResponseException e -> status = e.getStatusCode();
                case MalformedJsonException _ -> {
                    return notUnderstood(failure);
                }
                case UnknownHostException _,
                        SocketException _,
                        SocketTimeoutException _,
                        EOFException _,
                        SSLException _ ->
                        isOfConnection = true;
                default -> {}
            }
            said.append(cause.getMessage()).append(' ');
        }
        String words = ServerWords.oneLine(said.toString());
        status = status == 0 ? statusOf(said.toString()) : status;
        if (status == 429) {
            return new StoreException.Throttled(
                    TOKENS + " asks for fewer requests: " + words,
                    "Wait; it is asked more slowly now.",
                    failure);
        }
        if (status >= 400 && status < 500) {
            return refused(said.toString(), words, failure);
        }
        if (isOfConnection || status >= 500) {
            return new StoreException.Unavailable(
                    TOKENS + " can't be reached: " + words, CHECK_TOKENS, failure);
        }
        return new StoreException.Denied(
                "no credentials for Google Cloud Storage: " + words,
                "Set GOOGLE_APPLICATION_CREDENTIALS, run gcloud auth application-default login, or"
                        + " give this machine or pod a service account.",
                failure);
    }

    /// As the words have it; 0 where none is in them, or one that means that there is nobody.
    private static int statusOf(String said) {
        Matcher code = ERROR_CODE.matcher(said);
        if (!code.find() || code.group(1).equals("404")) {
            return 0;
        }
        String word = code.group(1);
        return Character.isDigit(word.charAt(0))
                ? Integer.parseInt(word)
                : TEMPORARY.contains(word) ? 503 : 400;
    }

    private static StoreException refused(String said, String words, IOException failure) {
        // A signed request for a token has a time in it
        if (said.contains("reasonable timeframe") || said.contains("used too early")) {
            return new StoreException.Unavailable(
                    TOKENS + " has another time than this machine: " + words,
                    "Set this machine's clock (NTP).",
                    failure);
        }
        return new StoreException.Denied(
                "the credentials have expired, or are not known: " + words,
                "Renew them: make a new key for the service account, or run gcloud auth"
                        + " application-default login.",
                failure);
    }
}
