package dev.holdfast.replicator;

import dev.holdfast.format.failure.SidecarException;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Whether a destination may be written, asked on a thread of its own: one that hangs is no reason
/// to begin later.
final class EarlyAnswer {
    private final CompletableFuture<Optional<SidecarException>> answer = new CompletableFuture<>();

    private EarlyAnswer() {}

    /// Finds it out.
    interface Question {
        /// Empty if it may.
        Optional<SidecarException> ask() throws IOException;
    }

    static EarlyAnswer of(Question question) {
        EarlyAnswer early = new EarlyAnswer();
        Thread _ = Thread.ofVirtual().name("holdfast-join").start(() -> early.ask(question));
        return early;
    }

    private void ask(Question question) {
        try {
            answer.complete(question.ask());
        } catch (Throwable e) { // the top of a thread: whoever waits must know
            answer.completeExceptionally(e);
        }
    }

    boolean isThereWithin(Duration patience) {
        try {
            Optional<SidecarException> _ = answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (ExecutionException _) {
            return true;
        } catch (TimeoutException _) {
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Waits for it.
    Optional<SidecarException> await() throws IOException {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException why -> throw why;
                case RuntimeException why -> throw why;
                case Error why -> throw why;
                case null, default -> throw new IllegalStateException(e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
