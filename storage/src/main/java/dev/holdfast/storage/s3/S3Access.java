package dev.holdfast.storage.s3;

import dev.holdfast.format.failure.IoReason;
import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.bucket.ServerWords;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkServiceException;

import java.io.EOFException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

import javax.net.ssl.SSLException;

/// One source of credentials: asked before a request is signed, in bounded time, and its failures
/// are told from those of the bucket.
///
/// What is thrown has a [StoreException] as its cause, where [S3Failures] finds it: `Denied` if the
/// source answers and says no, `Unavailable` or `Throttled` if it may say yes later.
final class S3Access implements AwsCredentialsProvider {
    /// All that a source is asked for: more than one that works needs, and less than a request may
    /// stand still, which else would be blamed on the bucket.
    static final Duration PATIENCE = Duration.ofSeconds(10);

    /// For a renewal, while what was given before is valid: more than a source that has it at hand
    /// needs. What it gives later is used from then on.
    private static final Duration GRACE = Duration.ofSeconds(1);

    /// What ends sooner may end on the way.
    private static final Duration MARGIN = Duration.ofMinutes(1);

    /// STS has a 400 for what may pass, too.
    private static final List<String> TEMPORARY =
            List.of("IDPCommunicationError", "RequestTimeout", "RequestExpired");

    private final String source;
    private final String remedy;
    private final AwsCredentialsProvider provider;
    private final Duration patience;

    private final ReentrantLock use = new ReentrantLock();
    private @Nullable Question asked;
    private volatile @Nullable AwsCredentials last;

    /// @param source who is asked, as messages call it
    /// @param remedy if it refuses
    /// @param provider the SDK's, which renews by itself what it has got
    S3Access(String source, String remedy, AwsCredentialsProvider provider) {
        this(source, remedy, provider, PATIENCE);
    }

    S3Access(String source, String remedy, AwsCredentialsProvider provider, Duration patience) {
        this.source = source;
        this.remedy = remedy;
        this.provider = provider;
        this.patience = patience;
    }

    /// As the SDK takes it from whoever gives credentials.
    static SdkClientException toSdkException(StoreException failure) {
        return SdkClientException.create(String.valueOf(failure.getMessage()), failure);
    }

    @Override
    public AwsCredentials resolveCredentials() {
        AwsCredentials valid = last;
        if (valid != null && !isValid(valid)) {
            valid = null;
        }
        Question question = question();
        long wait = (valid == null ? patience : graceOf(patience)).toNanos() - question.age();
        try {
            return question.answer.get(Math.max(0, wait), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw toSdkException(explain(Objects.requireNonNull(e.getCause())));
        } catch (TimeoutException _) {
            // The SDK renews long before the end, and keeps what it has if that fails
            if (valid != null) {
                return valid;
            }
            question.thread.interrupt(); // closes its socket
            throw toSdkException(
                    unavailable("has not answered for " + patience.toSeconds() + " s", null));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw toSdkException(unavailable("was not waited for", e));
        }
    }

    private static Duration graceOf(Duration patience) {
        return patience.compareTo(GRACE) < 0 ? patience : GRACE;
    }

    /// The one that is under way, if it is not too old, or a new one.
    private Question question() {
        use.lock();
        try {
            Question now = asked;
            if (now != null && now.age() >= patience.toNanos()) {
                now.thread.interrupt();
                now = null;
            }
            if (now == null || now.answer.isDone()) {
                now = new Question();
                asked = now;
            }
            return now;
        } finally {
            use.unlock();
        }
    }

    /// What the source is asked, by one for all who want to know meanwhile.
    private final class Question {
        private final long begin = System.nanoTime();
        private final CompletableFuture<AwsCredentials> answer = new CompletableFuture<>();
        private final Thread thread =
                Thread.ofVirtual().name("holdfast-credentials").start(this::ask);

        private void ask() {
            try {
                AwsCredentials found = provider.resolveCredentials();
                last = found;
                answer.complete(found);
            } catch (Throwable e) { // the top of a thread: its waiter must know
                answer.completeExceptionally(e);
            }
        }

        long age() {
            return System.nanoTime() - begin;
        }
    }

    private static boolean isValid(AwsCredentials credentials) {
        Instant soon = Instant.now().plus(MARGIN);
        return credentials.expirationTime().filter(end -> end.isAfter(soon)).isPresent();
    }

    private StoreException explain(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case Error e -> throw e;
                case StoreException known -> {
                    return known;
                }
                case SdkServiceException answer -> {
                    return answered(answer);
                }
                case FileSystemException e -> {
                    return denied("can't be asked: a file of it: " + IoReason.withoutFile(e), e);
                }
                case UnknownHostException _,
                        SocketException _,
                        InterruptedIOException _,
                        EOFException _,
                        SSLException _ -> {
                    return unavailable("can't be reached: " + ServerWords.of(cause), cause);
                }
                case ApiCallAttemptTimeoutException _, InterruptedException _ -> {
                    return unavailable("does not answer", cause);
                }
                default -> {}
            }
        }
        return unanswered(failure);
    }

    private StoreException answered(SdkServiceException answer) {
        String said = said(answer);
        int status = answer.statusCode();
        if (answer.isThrottlingException() || status == 429) {
            return new StoreException.Throttled(
                    source + " asks for fewer requests " + said,
                    "Wait; it is asked more slowly now.",
                    answer);
        }
        boolean isRefusal =
                status >= 400 && status < 500 && status != 408 && !TEMPORARY.contains(code(answer));
        return isRefusal
                ? denied("refuses " + said, answer)
                : unavailable("failed " + said, answer);
    }

    /// In brackets the source's own word for it, and the status; what it says of it behind.
    private static String said(SdkServiceException answer) {
        String code = code(answer);
        String words =
                answer instanceof AwsServiceException e && e.awsErrorDetails() != null
                        ? e.awsErrorDetails().errorMessage()
                        : answer.getMessage();
        return "("
                + (code.isEmpty() ? "" : ServerWords.oneLine(code) + ", ")
                + answer.statusCode()
                + (words == null || words.isBlank() ? ")" : "): " + ServerWords.oneLine(words));
    }

    private static String code(SdkServiceException answer) {
        return answer instanceof AwsServiceException e
                        && e.awsErrorDetails() != null
                        && e.awsErrorDetails().errorCode() != null
                ? e.awsErrorDetails().errorCode()
                : "";
    }

    /// The SDK has no types for these.
    private StoreException unanswered(Throwable failure) {
        String words = ServerWords.of(failure);
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            // A status 404, which has lost its number
            if (String.valueOf(cause.getMessage()).startsWith("The requested metadata is not")) {
                return denied("has none: there is no role (404)", cause);
            }
        }
        if (failure.getCause() == null) { // it did not come so far as to ask
            return denied("can't be asked: " + words, failure);
        }
        // Nothing of what came is repeated: a part of it may be a secret
        return unavailable("has given an answer that is none", failure);
    }

    private StoreException denied(String what, Throwable cause) {
        return new StoreException.Denied(text(what), remedy, cause);
    }

    private StoreException unavailable(String what, @Nullable Throwable cause) {
        return new StoreException.Unavailable(
                text(what), "Check the network, and what is asked for credentials there.", cause);
    }

    private String text(String what) {
        return "no credentials: " + source + " " + what;
    }
}
