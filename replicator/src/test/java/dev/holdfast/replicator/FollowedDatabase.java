package dev.holdfast.replicator;

import dev.holdfast.format.Codec;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.FileActions;
import dev.holdfast.storage.ObjectStore;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// A follower at work in this process, and what it told.
final class FollowedDatabase implements AutoCloseable {
    /// Far longer than anything takes on a busy machine.
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Follower follower;
    private final LinkedBlockingQueue<FollowerEvent> unread = new LinkedBlockingQueue<>();
    private final List<FollowerEvent> events = new CopyOnWriteArrayList<>();
    private final CompletableFuture<FollowerEnd> end = new CompletableFuture<>();
    private final Consumer<FollowerEvent> hook;
    private boolean isClosed;

    private FollowedDatabase(
            FollowerOptions options,
            List<DestinationOptions> to,
            Timekeeper time,
            FileActions files,
            Consumer<FollowerEvent> hook) {
        this.hook = hook;
        follower = Follower.open(options, to, time, this::told, files);
        Thread.ofPlatform()
                .name("capture")
                .start(() -> {
                    try {
                        end.complete(follower.run());
                    } catch (Throwable e) { // the top of a thread: the test is told
                        end.completeExceptionally(e);
                    }
                });
    }

    private void told(FollowerEvent event) {
        hook.accept(event);
        events.add(event);
        unread.add(event);
    }

    static FollowerOptions options(Path database) {
        return options(database, database.resolveSibling("state"));
    }

    static FollowerOptions options(Path database, Path state) {
        return new FollowerOptions(
                database,
                state,
                Codec.ZSTD,
                new SnapshotPolicy(Duration.ofSeconds(30), Duration.ofHours(24)),
                false,
                FollowerOptions.DEFAULT_WAL_LIMIT,
                SpoolPolicy.DEFAULT,
                Duration.ofMinutes(1));
    }

    static FollowerOptions takingOver(FollowerOptions plain) {
        return with(true, plain.walLimit(), plain.spool(), plain.grace(), plain);
    }

    static FollowerOptions withWalLimit(long bytes, FollowerOptions plain) {
        return with(plain.isTakeOver(), bytes, plain.spool(), plain.grace(), plain);
    }

    static FollowerOptions withGrace(Duration grace, FollowerOptions plain) {
        return with(plain.isTakeOver(), plain.walLimit(), plain.spool(), grace, plain);
    }

    static FollowerOptions withSpool(SpoolPolicy spool, FollowerOptions plain) {
        return with(plain.isTakeOver(), plain.walLimit(), spool, plain.grace(), plain);
    }

    private static FollowerOptions with(
            boolean isTakeOver,
            long walLimit,
            SpoolPolicy spool,
            Duration grace,
            FollowerOptions plain) {
        return new FollowerOptions(
                plain.database(),
                plain.state(),
                plain.codec(),
                plain.snapshots(),
                isTakeOver,
                walLimit,
                spool,
                grace,
                plain.recipients());
    }

    /// After a stop that shipped all: the spool gives back whole files of 32 MB, and here it is
    /// made to give back less.
    static void forgetSpool(FollowerOptions options) {
        try (Stream<Path> files = Files.list(options.state().resolve("spool"))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Opens and follows.
    static FollowedDatabase start(FollowerOptions options, ObjectStore... stores) {
        return start(options, to(stores), Timekeeper.system(), FileActions.REAL, _ -> {});
    }

    /// As [#start(FollowerOptions, ObjectStore...)], with clocks of the test's.
    static FollowedDatabase start(Path database, ObjectStore store, Timekeeper time) {
        return start(options(database), store, time, FileActions.REAL, _ -> {});
    }

    /// As [#start(FollowerOptions, ObjectStore...)].
    ///
    /// @param hook is told each event first, by the thread that tells it
    static FollowedDatabase start(
            FollowerOptions options, ObjectStore store, Consumer<FollowerEvent> hook) {
        return start(options, store, Timekeeper.system(), FileActions.REAL, hook);
    }

    /// As [#start(FollowerOptions, ObjectStore, Consumer)], with clocks and a disk of the test's.
    static FollowedDatabase start(
            FollowerOptions options,
            ObjectStore store,
            Timekeeper time,
            FileActions files,
            Consumer<FollowerEvent> hook) {
        return start(options, to(store), time, files, hook);
    }

    static FollowedDatabase start(
            FollowerOptions options,
            List<DestinationOptions> to,
            Timekeeper time,
            FileActions files,
            Consumer<FollowerEvent> hook) {
        return new FollowedDatabase(options, to, time, files, hook);
    }

    /// Stores without a budget.
    static List<DestinationOptions> to(ObjectStore... stores) {
        return Stream.of(stores)
                .map(store -> new DestinationOptions(store, UploadRate.UNLIMITED))
                .toList();
    }

    /// Follows, and waits until it captures.
    static FollowedDatabase following(Path database, ObjectStore store) {
        return following(options(database), store);
    }

    static FollowedDatabase following(FollowerOptions options, ObjectStore store) {
        FollowedDatabase followed = start(options, store);
        followed.await(FollowerEvent.Following.class);
        return followed;
    }

    /// Waits for the next event of a kind that was not waited for yet.
    <E extends FollowerEvent> E await(Class<E> kind) {
        return await(kind, _ -> true);
    }

    <E extends FollowerEvent> E await(Class<E> kind, Predicate<E> isWanted) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            @Nullable FollowerEvent event = null;
            try {
                event = unread.poll(100, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            if (kind.isInstance(event) && isWanted.test(kind.cast(event))) {
                return kind.cast(event);
            }
            if (event == null && (end.isDone() || System.nanoTime() > deadline)) {
                throw new AssertionError("no such " + kind.getSimpleName() + ": " + this);
            }
        }
    }

    /// Waits until the log is durable up to a transaction, and returns up to which it is then.
    long awaitDurable(long tx) {
        return awaitDurable(durable -> durable.tx() >= tx).tx();
    }

    /// Waits until one of several stores is told to have the log up to a transaction.
    FollowerEvent.Durable awaitDurable(String store, long tx) {
        return awaitDurable(durable -> durable.store().equals(store) && durable.tx() >= tx);
    }

    /// It may have been told before something else that was waited for.
    private FollowerEvent.Durable awaitDurable(Predicate<FollowerEvent.Durable> isIt) {
        return events.stream()
                .filter(FollowerEvent.Durable.class::isInstance)
                .map(FollowerEvent.Durable.class::cast)
                .filter(isIt)
                .findFirst()
                .orElseGet(() -> await(FollowerEvent.Durable.class, isIt));
    }

    List<FollowerEvent> events() {
        return List.copyOf(events);
    }

    boolean hasRebasedMoreThanOnce() {
        return events.stream()
                        .filter(event ->
                                event
                                                instanceof
                                                FollowerEvent.Following(
                                                        long _,
                                                        FollowerEvent.Continuity how)
                                        && how instanceof FollowerEvent.Continuity.Rebased)
                        .count()
                > 1;
    }

    /// Whether it has ended because the log is another writer's.
    boolean isFenced() {
        return end.isCompletedExceptionally()
                && end.exceptionNow() instanceof SidecarException.Fenced;
    }

    /// Asks it to stop.
    void beginStop() {
        follower.stop();
    }

    /// Stops, closes, and returns how it ended.
    FollowerEnd stop() {
        beginStop();
        return awaitEnd();
    }

    /// Waits for the end of a run that ends by itself, and closes.
    FollowerEnd awaitEnd() {
        try {
            return end.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new AssertionError(e);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("no end: " + this, e);
        } finally {
            release();
        }
    }

    private void release() {
        if (!isClosed) {
            isClosed = true;
            follower.close();
        }
    }

    @Override
    public void close() {
        if (!isClosed) {
            follower.stop();
            CompletableFuture<?> quiet = end.exceptionally(_ -> null);
            quiet.join();
            release();
        }
    }

    @Override
    public String toString() {
        List<FollowerEvent> told =
                events.stream()
                        .filter(event ->
                                !(event instanceof FollowerEvent.Captured)
                                        && !(event instanceof FollowerEvent.Durable))
                        .toList();
        return "follower, end " + end + ", told " + told;
    }
}
