package dev.holdfast.storage.gcs;

import com.google.api.client.googleapis.json.GoogleJsonError;
import com.google.api.client.googleapis.json.GoogleJsonErrorContainer;
import com.google.api.client.http.HttpResponse;
import com.google.api.client.json.JsonObjectParser;
import com.google.api.client.json.gson.GsonFactory;

import dev.holdfast.storage.bucket.ServerWords;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// An answer that says no.
final class GcsRefusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// Of an answer's words; a web page may have many more.
    private static final int MAX_BYTES = 64 << 10;

    private final int status;
    private final String reason;
    private final boolean isGoogles;

    /// @param reason Google's own word for it; empty if it gave none
    /// @param words what the server says, in one line
    /// @param isGoogles whether it is in the form of Google's errors
    private GcsRefusal(int status, String reason, String words, boolean isGoogles) {
        super(words);
        this.status = status;
        this.reason = reason;
        this.isGoogles = isGoogles;
    }

    static GcsRefusal of(HttpResponse response) {
        byte[] body = body(response);
        try {
            JsonObjectParser parser = new JsonObjectParser(GsonFactory.getDefaultInstance());
            GoogleJsonErrorContainer container =
                    parser.parseAndClose(
                            new ByteArrayInputStream(body),
                            StandardCharsets.UTF_8,
                            GoogleJsonErrorContainer.class);
            @Nullable GoogleJsonError error = container == null ? null : container.getError();
            if (error != null) {
                @Nullable List<GoogleJsonError.ErrorInfo> all = error.getErrors();
                @Nullable String reason =
                        all == null || all.isEmpty() ? null : all.getFirst().getReason();
                return new GcsRefusal(
                        response.getStatusCode(),
                        reason == null ? "" : ServerWords.oneLine(reason),
                        error.getMessage() == null ? "" : ServerWords.oneLine(error.getMessage()),
                        true);
            }
        } catch (IOException | IllegalArgumentException _) {
            // text, as after a download, or something else's page
        }
        return new GcsRefusal(
                response.getStatusCode(),
                "",
                ServerWords.oneLine(new String(body, StandardCharsets.UTF_8)),
                false);
    }

    private static byte[] body(HttpResponse response) {
        try {
            @Nullable InputStream content = response.getContent();
            if (content == null) {
                return new byte[0];
            }
            try (content) {
                return content.readNBytes(MAX_BYTES);
            }
        } catch (IOException _) {
            return new byte[0]; // the status says enough
        }
    }

    int status() {
        return status;
    }

    String reason() {
        return reason;
    }

    String words() {
        return String.valueOf(getMessage());
    }

    boolean isGoogles() {
        return isGoogles;
    }

    /// Whether it is a web page, or in XML as S3's: Google answers in JSON, a download in plain
    /// words, and its balancers now and then with nothing.
    boolean isMarkup() {
        return !isGoogles && words().startsWith("<");
    }

    /// Such words are said of an object and of its bucket, with one status.
    boolean isOfBucket() {
        return !isMarkup() && words().contains("bucket does not exist");
    }

    boolean isOfObject() {
        return !isMarkup() && words().contains("No such object");
    }
}
