package dev.holdfast.storage.gcs;

import com.google.api.client.json.JsonFactory;
import com.google.api.client.json.JsonObjectParser;
import com.google.api.client.json.gson.GsonFactory;

import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.bucket.BoundedInput;
import dev.holdfast.storage.bucket.ConnectionFailures;
import dev.holdfast.storage.bucket.ServerWords;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// What is said to Google Cloud Storage, and what it says.
final class GcsJson {
    static final String TYPE = "application/json; charset=UTF-8";

    /// A page of a listing: a thousand keys of 1,024 bytes, each of them escaped as six.
    private static final int MAX_ANSWER = 8 << 20;

    /// Of an answer that is none, for a message.
    private static final int MAX_WORDS = 1024;

    private static final JsonFactory JSON = GsonFactory.getDefaultInstance();
    private static final JsonObjectParser PARSER = new JsonObjectParser(JSON);

    private GcsJson() {}

    static String text(Object object) throws IOException {
        return JSON.toString(object);
    }

    /// An answer, all of which is read before any of it is believed.
    ///
    /// @throws StoreException if it is no JSON, or says other things than it should, so that
    ///   something else has given it
    static <T> T read(InputStream body, Class<T> type) throws IOException {
        byte[] answer;
        try (InputStream bounded = new BoundedInput(body, MAX_ANSWER)) {
            answer = bounded.readAllBytes();
        }
        @Nullable Exception cause = null;
        try {
            @Nullable T parsed =
                    PARSER.parseAndClose(
                            new ByteArrayInputStream(answer), StandardCharsets.UTF_8, type);
            if (parsed != null) {
                return parsed;
            }
        } catch (IOException | IllegalArgumentException e) {
            cause = e;
        }
        int words = Math.min(answer.length, MAX_WORDS);
        throw new StoreException.Unavailable(
                "the answer is none of Cloud Storage's: found \""
                        + ServerWords.oneLine(new String(answer, 0, words, StandardCharsets.UTF_8))
                        + "\"",
                ConnectionFailures.LOOK_BETWEEN,
                cause);
    }
}
