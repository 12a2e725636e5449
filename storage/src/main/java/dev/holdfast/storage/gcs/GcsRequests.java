package dev.holdfast.storage.gcs;

import com.google.api.client.http.HttpRequest;

import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.bucket.WatchedRequests;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/// Sends requests to Google Cloud Storage, each of a kind, watched by who waits for it.
final class GcsRequests {
    private final GcsConnection connection;
    private final GcsFailures failures;
    private final Duration patience;
    private final WatchedRequests watched;

    /// @param patience see [GcsRequestKind#patience]
    /// @param stop from then on nothing is waited for
    GcsRequests(
            GcsConnection connection,
            GcsFailures failures,
            Duration patience,
            CountDownLatch stop) {
        this.connection = connection;
        this.failures = failures;
        this.patience = patience;
        this.watched = new WatchedRequests(failures::givenUp, stop);
    }

    /// How many of each kind were sent, those that failed included.
    Map<String, Long> counts() {
        return watched.counts();
    }

    /// Makes a request.
    interface Question {
        /// Called once, on the request's thread.
        ///
        /// @param progress to be moved on with every byte that is sent
        HttpRequest ask(AtomicLong progress) throws IOException;
    }

    /// Reads the answer to it.
    interface Answer<T> {
        /// Called once, when the request begins.
        ///
        /// @param progress to be moved on with every byte that has come
        GcsConnection.Reader<T> reader(AtomicLong progress);
    }

    /// Sends a request and waits for its answer.
    ///
    /// @throws GcsRefusal what the store answered, for who knows what it means; [#explain] for all
    ///   else
    <T> T send(GcsRequestKind kind, Question question, Answer<T> answer) throws IOException {
        return begin(kind, GcsConnection.Name.GIVEN, question, answer).await();
    }

    /// Sends a request, once there is room for one more.
    <T> WatchedRequests.Pending<T> begin(
            GcsRequestKind kind, GcsConnection.Name name, Question question, Answer<T> answer)
            throws IOException {
        return watched.begin(
                kind.countedAs(),
                kind.patience(patience),
                progress -> {
                    try {
                        return connection.send(
                                question.ask(progress), name, answer.reader(progress));
                    } catch (IOException e) {
                        throw failures.unanswered(e);
                    } catch (IllegalArgumentException e) {
                        // The library's way to say that a header, or an address, is none
                        throw failures.notUnderstood(e);
                    }
                });
    }

    /// What a refusal means to an operator.
    StoreException explain(GcsRefusal refusal) {
        return failures.explain(refusal);
    }

    /// What it means that an upload is no more, and its object is not there.
    StoreException uploadEnded(GcsRefusal refusal) {
        return failures.uploadEnded(refusal);
    }
}
