package dev.holdfast.storage.s3;

import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.bucket.WatchedRequests;

import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/// Sends requests to S3, each of a kind that its price list has, watched by who waits for it.
final class S3Requests {
    private final S3Failures failures;
    private final Duration patience;
    private final WatchedRequests watched;

    /// @param patience see [S3RequestKind#patience]
    /// @param stop from then on nothing is waited for
    S3Requests(S3Failures failures, Duration patience, CountDownLatch stop) {
        this.failures = failures;
        this.patience = patience;
        this.watched = new WatchedRequests(failures::givenUp, stop);
    }

    /// How many of each kind were sent, those that failed included.
    Map<String, Long> counts() {
        return watched.counts();
    }

    /// Sends a request and waits for its answer.
    ///
    /// @throws SdkException what S3 answered, for who knows what it means; [#explain] for all else
    <T> T send(S3RequestKind kind, WatchedRequests.Call<T> call) throws IOException {
        return begin(kind, call).await();
    }

    /// Sends a request, once there is room for one more.
    <T> WatchedRequests.Pending<T> begin(S3RequestKind kind, WatchedRequests.Call<T> call)
            throws IOException {
        return watched.begin(
                kind.countedAs(),
                kind.patience(patience),
                progress -> {
                    try {
                        return call.send(progress);
                    } catch (UncheckedIOException e) {
                        // The SDK's word for an answer of which it could not read the first byte
                        throw SdkClientException.create("no answer", e);
                    }
                });
    }

    /// What a request's failure means to an operator.
    StoreException explain(SdkException failure) {
        return failures.explain(failure);
    }
}
