package dev.holdfast.cli.demo;

import dev.holdfast.replicator.Follower;
import dev.holdfast.replicator.FollowerEnd;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A follower at work in a thread of its own, which has ended when this is closed: nothing writes
/// to the demo's folder from then on.
final class Following implements AutoCloseable {
    private final Follower follower;
    private final CompletableFuture<FollowerEnd> end = new CompletableFuture<>();

    /// @param follower closed with this
    Following(Follower follower) {
        this.follower = follower;
        Thread.ofPlatform().name("demo-follow").daemon().start(this::run);
    }

    private void run() {
        try {
            end.complete(follower.run());
        } catch (RuntimeException e) {
            end.completeExceptionally(e);
        }
    }

    /// Waits for something that the follower does, unless it ends first.
    void await(CountDownLatch latch, DemoStop stop) {
        try {
            while (!latch.await(50, TimeUnit.MILLISECONDS)) {
                stop.check();
                if (end.isDone()) {
                    throw new IllegalStateException("following ended: " + end.join());
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    /// Has it ship the rest.
    FollowerEnd stop() {
        follower.stop();
        return end.join();
    }

    @Override
    public void close() {
        try (follower) {
            FollowerEnd _ = stop();
        } catch (CompletionException _) {
            // whoever waited for it has been told
        }
    }
}
