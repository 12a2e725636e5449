package dev.holdfast.storage.bucket;

import dev.holdfast.storage.StoreException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/// Sends requests, each on a virtual thread of its own, and gives up those that stand still.
///
/// The kernel notices after a quarter of an hour that the other end of a connection is gone, and a
/// socket has a timeout for reading only. So whoever waits for a request looks at its progress, and
/// interrupts it when there is none: on a virtual thread that closes the socket, whatever it was
/// doing. Nothing but sockets and memory may be used on these threads; an interrupt would close the
/// channel of a file.
public final class WatchedRequests {
    /// Of all stores together: more at once make no restore faster, and one process may follow many
    /// databases.
    private static final int MAX_AT_ONCE = 16;

    private static final Semaphore AT_ONCE = new Semaphore(MAX_AT_ONCE, true);

    private static final Set<Pending<?>> UNDER_WAY = ConcurrentHashMap.newKeySet();

    /// How often a waiter looks.
    private static final Duration LOOK = Duration.ofMillis(250);

    private final Function<String, StoreException> givenUp;
    private final CountDownLatch stop;
    private final Map<String, Long> counts = new ConcurrentHashMap<>();

    /// @param givenUp what it means that a server was given up, for what it has done, in words
    /// @param stop from then on nothing is waited for
    public WatchedRequests(Function<String, StoreException> givenUp, CountDownLatch stop) {
        this.givenUp = givenUp;
        this.stop = stop;
    }

    /// How many of each kind were sent, those that failed included.
    public Map<String, Long> counts() {
        return Map.copyOf(counts);
    }

    /// What is done on the request's thread.
    public interface Call<T> {
        /// Sends it, and reads the answer.
        ///
        /// @param progress to be moved on with every byte that is sent or has come
        T send(AtomicLong progress) throws IOException;
    }

    /// Sends a request and waits for its answer.
    ///
    /// @param kind by which it is counted
    /// @param limit how long it may stand still: no byte of it sent, nor of the answer come; for
    ///   each that is it may last longer ([Patience])
    public <T> T send(String kind, Duration limit, Call<T> call) throws IOException {
        return begin(kind, limit, call).await();
    }

    /// Sends a request, once there is room for one more. As [#send], but for the waiting.
    public <T> Pending<T> begin(String kind, Duration limit, Call<T> call) throws IOException {
        awaitRoom();
        counts.merge(kind, 1L, Long::sum);
        return new Pending<>(kind, limit, call);
    }

    /// Of the requests that take the room some may have nobody who waits for them, as those who
    /// sent them wait here: so whoever waits here looks at their progress too.
    private void awaitRoom() throws IOException {
        Map<Pending<?>, Watch> watches = new HashMap<>();
        try {
            while (!AT_ONCE.tryAcquire(LOOK.toNanos(), TimeUnit.NANOSECONDS)) {
                checkNotStopped();
                watches.keySet().retainAll(UNDER_WAY); // one that ended has a body in memory
                for (Pending<?> other : UNDER_WAY) {
                    Watch watch = watches.computeIfAbsent(other, Watch::new);
                    if (watch.isOver()) {
                        other.giveUp(watch.words());
                    }
                }
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private void checkNotStopped() throws IOException {
        if (stop.getCount() == 0) {
            throw new IOException("stopped while an answer was waited for");
        }
    }

    private static IOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt(); // nobody here does; whoever does wants an end
        return new IOException("interrupted", e);
    }

    /// Looks, again and again, whether a request gets on.
    private static final class Watch {
        private final Pending<?> request;
        private final Patience patience;

        Watch(Pending<?> request) {
            this.request = request;
            this.patience = new Patience(request.limit, System.nanoTime(), request.progress.get());
        }

        boolean isOver() {
            return patience.isOver(System.nanoTime(), request.progress.get());
        }

        String words() {
            return patience.words();
        }
    }

    /// A request that was sent. One thread waits for it.
    public final class Pending<T> {
        private final Duration limit;
        private final AtomicLong progress = new AtomicLong();
        private final CompletableFuture<T> answer = new CompletableFuture<>();
        private final Thread thread;
        private volatile @Nullable String whyGivenUp;

        private Pending(String kind, Duration limit, Call<T> call) {
            this.limit = limit;
            UNDER_WAY.add(this);
            this.thread =
                    Thread.ofVirtual()
                            .name("holdfast-" + kind)
                            .start(() -> {
                                try {
                                    answer.complete(call.send(progress));
                                } catch (Throwable e) { // the top of a thread: its waiter must know
                                    answer.completeExceptionally(e);
                                } finally {
                                    UNDER_WAY.remove(this);
                                    AT_ONCE.release();
                                }
                            });
        }

        /// Waits for the answer, as long as the request gets on.
        public T await() throws IOException {
            Watch watch = new Watch(this);
            while (true) {
                try {
                    return answer.get(LOOK.toNanos(), TimeUnit.NANOSECONDS);
                } catch (ExecutionException e) {
                    throw failure(Objects.requireNonNull(e.getCause()));
                } catch (InterruptedException e) {
                    drop();
                    throw interrupted(e);
                } catch (TimeoutException _) {
                    if (stop.getCount() == 0) {
                        drop();
                        checkNotStopped();
                    }
                    if (watch.isOver()) {
                        giveUp(watch.words());
                        throw givenUp.apply(watch.words());
                    }
                }
            }
        }

        /// Whether it has ended, and not well.
        public boolean hasFailed() {
            return answer.isCompletedExceptionally();
        }

        /// Ends it, if it has not ended.
        public void drop() {
            thread.interrupt();
        }

        private void giveUp(String why) {
            whyGivenUp = why;
            drop();
        }

        private IOException failure(Throwable cause) {
            String why = whyGivenUp;
            if (why != null) {
                return givenUp.apply(why);
            }
            return switch (cause) {
                case StoreException e -> e;
                case IOException e -> new IOException(e.getMessage(), e);
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> throw new IllegalStateException(cause);
            };
        }
    }
}
