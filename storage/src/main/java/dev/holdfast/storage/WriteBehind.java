package dev.holdfast.storage;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Forces a file to disk while more is written to it, so that the force at its end finds little
/// left to do: the kernel would begin much later by itself. For bytes that are written once; what
/// is written again would go to the disk again. Belongs to one thread at a time.
public final class WriteBehind {
    /// Written between the begin of one force and that of the next, at least.
    public static final long STRIDE_BYTES = 64L << 20;

    /// Has all that was written to the file until now on disk when it returns.
    @FunctionalInterface
    public interface Force {
        void run() throws IOException;
    }

    private final Force force;
    private long unforcedBytes;
    private @Nullable FutureTask<?> running;

    public WriteBehind(Force force) {
        this.force = force;
    }

    /// `bytes` more were written.
    ///
    /// @throws IOException that an earlier force met
    public void written(long bytes) throws IOException {
        unforcedBytes += bytes;
        FutureTask<?> last = running;
        if (unforcedBytes >= STRIDE_BYTES && (last == null || last.isDone())) {
            await();
            unforcedBytes = 0;
            FutureTask<?> next =
                    new FutureTask<>(() -> {
                        force.run();
                        return null;
                    });
            Thread.ofPlatform().daemon().name("write-behind").start(next);
            running = next;
        }
    }

    /// Waits for the force that is under way, whatever it meets: nothing is kept.
    public void end() {
        try {
            await();
        } catch (IOException _) {
            // who would keep what was written asks by await
        }
    }

    /// Waits for the force that is under way.
    ///
    /// @throws IOException that a force met: the kernel tells a file's forces of it once, so that
    ///   the next one may succeed though bytes are lost
    public void await() throws IOException {
        FutureTask<?> last = running;
        if (last == null) {
            return;
        }
        try {
            last.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IllegalStateException("a file could not be forced", e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts whoever writes a file", e);
        }
    }
}
