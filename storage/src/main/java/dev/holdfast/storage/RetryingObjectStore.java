package dev.holdfast.storage;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.WARNING;

import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.format.failure.SidecarException.StorageDenied;
import dev.holdfast.format.failure.SidecarException.StorageUnavailable;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.random.RandomGenerator;

/// Makes a store's requests again until they succeed, are denied, or a deadline has passed; then
/// throws what an operator can act on.
///
/// A `create` whose answer was lost is answered [CreateOutcome.AlreadyExists] by its own second
/// attempt; the caller finds out whose it is by reading. Of an [ObjectUpload] that is not
/// repeatable the bytes are gone once written, so only its beginning is tried again: when a part of
/// it fails, the caller begins anew.
public final class RetryingObjectStore implements ObjectStore {
    private static final System.Logger LOG = System.getLogger(RetryingObjectStore.class.getName());
    private static final String REMEDY =
            "Check that the store can be reached and has room, then try again.";

    /// An upload that is given up has sent gigabytes for nothing, and nobody waits for its end.
    private static final Duration UPLOAD_DEADLINE = Duration.ofMinutes(15);

    /// What stands at a wrong address says the same each time.
    private static final int UNINTELLIGIBLE_BELIEVED_AT = 3;

    private final ObjectStore store;
    private final RetryPolicy policy;
    private final StoppableClock clock;
    private final RandomGenerator random;

    /// @param store closed with this
    /// @param random must bear several threads, as [java.util.Random] does
    public RetryingObjectStore(
            ObjectStore store, RetryPolicy policy, StoppableClock clock, RandomGenerator random) {
        this.store = store;
        this.policy = policy;
        this.clock = clock;
        this.random = random;
    }

    @Override
    public CreateOutcome create(String name, ObjectBody body) {
        return retry("create " + name, () -> store.create(name, body));
    }

    @Override
    public ObjectUpload upload(String name) {
        return new Upload(name, retry("begin to upload " + name, () -> store.upload(name)));
    }

    @Override
    public ReadOutcome read(String name, long offset, ByteBuffer into) {
        int position = into.position();
        return retry("read " + name, () -> store.read(name, offset, into.position(position)));
    }

    @Override
    public ListPage list(String prefix, @Nullable String startAfter, int limit) {
        return retry(
                prefix.isEmpty() ? "list all objects" : "list " + prefix,
                () -> store.list(prefix, startAfter, limit));
    }

    @Override
    public DeleteOutcome delete(String name) {
        return retry("delete " + name, () -> store.delete(name));
    }

    @Override
    public String location() {
        return store.location();
    }

    @Override
    public Map<String, Long> requests() {
        return store.requests();
    }

    @Override
    public void close() {
        store.close();
    }

    private <T> T retry(String action, Request<T> request) {
        return retry(action, policy, request);
    }

    private <T> T retry(String action, RetryPolicy policy, Request<T> request) {
        long start = clock.nanoTime();
        int unintelligible = 0; // on end
        for (int attempts = 1; ; attempts++) {
            try {
                return request.send();
            } catch (IOException e) {
                unintelligible =
                        e instanceof StoreException.Unintelligible ? unintelligible + 1 : 0;
                if (e instanceof StoreException.Denied denial
                        && (unintelligible == 0 || unintelligible == UNINTELLIGIBLE_BELIEVED_AT)) {
                    throw denied(action, denial);
                }
                Duration left = policy.deadline().minusNanos(clock.nanoTime() - start);
                Duration pause =
                        e instanceof StoreException.Throttled
                                ? policy.throttledPauseAfter(attempts, random)
                                : policy.pauseAfter(attempts, random);
                waitAfter(
                        e,
                        action,
                        new Attempts(attempts, policy.deadline().minus(left), left),
                        pause);
            }
        }
    }

    /// @param elapsed since the first one began
    /// @param left until the deadline
    private record Attempts(int count, Duration elapsed, Duration left) {}

    private void waitAfter(IOException failure, String action, Attempts attempts, Duration wanted) {
        if (!attempts.left.isPositive()) {
            throw unavailable(
                    action,
                    "after "
                            + attempts.count
                            + " attempts in "
                            + attempts.elapsed.toSeconds()
                            + " s",
                    failure);
        }
        Duration pause = wanted.compareTo(attempts.left) < 0 ? wanted : attempts.left;
        // One failure is a network's ordinary day; an operator wants to see what lasts.
        LOG.log(
                attempts.count == 1 ? DEBUG : WARNING,
                () ->
                        "event=store_retry location="
                                + location()
                                + " action=\""
                                + action
                                + "\" attempts="
                                + attempts.count
                                + " elapsed_ms="
                                + attempts.elapsed.toMillis()
                                + " error=\""
                                + IoReason.of(failure)
                                + "\"");
        if (!clock.sleep(pause)) {
            throw unavailable(action, "stopped after " + attempts.count + " attempts", failure);
        }
    }

    private StorageDenied denied(String action, StoreException.Denied denial) {
        return new StorageDenied(
                location(),
                "can't " + action + " at " + location() + ": " + denial.getMessage(),
                denial.remedy());
    }

    private StorageUnavailable unavailable(String action, String when, IOException failure) {
        String remedy = failure instanceof StoreException known ? known.remedy() : REMEDY;
        return new StorageUnavailable(
                "can't " + action + " at " + location() + ", " + when + ": " + IoReason.of(failure),
                remedy,
                failure);
    }

    private interface Request<T> {
        T send() throws IOException;
    }

    private final class Upload implements ObjectUpload {
        private final String name;
        private final ObjectUpload upload;
        private volatile boolean isGivenUp;

        Upload(String name, ObjectUpload upload) {
            this.name = name;
            this.upload = upload;
        }

        @Override
        public void write(ByteBuffer bytes) {
            send(
                    "upload",
                    () -> {
                        upload.write(bytes);
                        return bytes;
                    });
        }

        @Override
        public CreateOutcome commit() {
            return send("finish the upload of", upload::commit);
        }

        @Override
        public void giveUp() {
            isGivenUp = true;
        }

        @Override
        public void close() {
            once(
                    "drop the upload of",
                    () -> {
                        upload.close();
                        return upload;
                    });
        }

        private <T> T send(String action, Request<T> request) {
            return retry(
                    action + " " + name,
                    policy.forAtLeast(UPLOAD_DEADLINE),
                    () -> whileRepeatable(action, request));
        }

        /// Asked after each failure: an upload may be ended from outside.
        private <T> T whileRepeatable(String action, Request<T> request) throws IOException {
            if (isGivenUp) {
                throw new StorageUnavailable(
                        "the upload of " + name + " to " + location() + " was given up", REMEDY);
            }
            try {
                return request.send();
            } catch (IOException e) {
                if (upload.isRepeatable() && !isGivenUp) {
                    throw e;
                }
                throw givenUp(action, e);
            }
        }

        private SidecarException givenUp(String action, IOException failure) {
            return failure instanceof StoreException.Denied e
                    ? denied(action + " " + name, e)
                    : unavailable(action + " " + name, "which is not tried again", failure);
        }

        private <T> T once(String action, Request<T> request) {
            try {
                return request.send();
            } catch (IOException e) {
                throw givenUp(action, e);
            }
        }
    }
}
