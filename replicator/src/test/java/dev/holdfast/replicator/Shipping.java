package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.failure.SidecarException;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/// A shipper at work on a test's spool.
///
/// @param archive whose log the spool has
record Shipping(ArchiveInfo archive, DestinationOptions to, Timekeeper time) {
    /// Ships until `lastSeq` is durable or shipping has ended.
    void run(Spool spool, ShippedMark mark, long lastSeq) throws Exception {
        run(spool, mark, lastSeq, Optional::empty);
    }

    /// As [#run(Spool, ShippedMark, long)].
    void run(Spool spool, ShippedMark mark, long lastSeq, Shipper.Gate gate) throws Exception {
        CompletableFuture<Long> end = new CompletableFuture<>();
        Shipper shipper =
                new Shipper(
                        to,
                        new ByteBudget(to.bandwidth(), time),
                        archive,
                        spool,
                        mark,
                        gate,
                        time,
                        new Told(mark, end, lastSeq));
        Thread thread = Thread.ofVirtual().start(shipper::run);
        shipper.wake();
        try {
            assertThat(end.get(60, TimeUnit.SECONDS)).isEqualTo(lastSeq);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw e;
        } finally {
            shipper.stop();
            thread.join();
        }
    }

    private record Told(ShippedMark mark, CompletableFuture<Long> end, long lastSeq)
            implements Shipper.Signals {
        @Override
        public void durable() {
            if (mark.seq() == lastSeq) {
                end.complete(lastSeq);
            }
        }

        @Override
        public void idle() {}

        @Override
        public void troubled(SidecarException failure) {}

        @Override
        public boolean isDamageTolerated() {
            return false;
        }

        @Override
        public void ended(RuntimeException failure) {
            end.completeExceptionally(failure);
        }
    }
}
