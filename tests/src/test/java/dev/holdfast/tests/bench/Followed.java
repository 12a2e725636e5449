package dev.holdfast.tests.bench;

import dev.holdfast.format.Codec;
import dev.holdfast.replicator.DestinationOptions;
import dev.holdfast.replicator.Follower;
import dev.holdfast.replicator.FollowerEnd;
import dev.holdfast.replicator.FollowerEvent;
import dev.holdfast.replicator.FollowerOptions;
import dev.holdfast.replicator.SnapshotPolicy;
import dev.holdfast.replicator.SpoolPolicy;
import dev.holdfast.replicator.Timekeeper;
import dev.holdfast.replicator.UploadRate;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.seal.Recipient;
import dev.holdfast.storage.state.StateFolder;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// A follower in this process, from its start to its end.
final class Followed implements AutoCloseable {
    private final ObjectStore store;
    private final Follower follower;
    private final CompletableFuture<FollowerEnd> end = new CompletableFuture<>();

    /// @param store closed with this
    /// @param readers for whom the archive is encrypted
    Followed(
            Path database,
            ObjectStore store,
            List<Recipient> readers,
            Consumer<FollowerEvent> events) {
        this.store = store;
        FollowerOptions options =
                new FollowerOptions(
                        database,
                        StateFolder.beside(database),
                        Codec.ZSTD,
                        new SnapshotPolicy(
                                SnapshotPolicy.DEFAULT_RTO, SnapshotPolicy.DEFAULT_MAX_AGE),
                        false,
                        FollowerOptions.DEFAULT_WAL_LIMIT,
                        SpoolPolicy.DEFAULT,
                        Duration.ofMinutes(5),
                        readers);
        follower =
                Follower.open(
                        options,
                        List.of(new DestinationOptions(store, UploadRate.UNLIMITED)),
                        Timekeeper.system(),
                        events);
        Thread.ofPlatform().name("follower").start(this::run);
    }

    private void run() {
        try {
            end.complete(follower.run());
        } catch (RuntimeException e) {
            end.completeExceptionally(e);
        }
    }

    /// Stops, and returns once all is durable.
    FollowerEnd stop() {
        follower.stop();
        return end.join();
    }

    @Override
    public void close() {
        follower.stop();
        end.handle((_, _) -> null).join();
        follower.close();
        store.close();
    }
}
