package dev.holdfast.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// Forces of a file while it is written.
final class WriteBehindTest {
    private static final long STRIDE = WriteBehind.STRIDE_BYTES;

    @Test
    void forcesOnceForEachStrideThatWasWritten() throws IOException {
        AtomicInteger forces = new AtomicInteger();
        WriteBehind behind = new WriteBehind(forces::incrementAndGet);
        behind.written(STRIDE - 1);
        behind.await();
        assertThat(forces).hasValue(0);
        for (int stride = 1; stride <= 3; stride++) {
            behind.written(STRIDE);
            behind.await();
            assertThat(forces).hasValue(stride);
        }
    }

    @Test
    void writingGoesOnWhileAForceIsUnderWay() throws IOException {
        CountDownLatch forced = new CountDownLatch(1);
        AtomicInteger forces = new AtomicInteger();
        WriteBehind behind =
                new WriteBehind(() -> {
                    forces.incrementAndGet();
                    awaitUninterrupted(forced);
                });
        for (int stride = 0; stride < 5; stride++) {
            behind.written(STRIDE);
        }
        forced.countDown();
        behind.await();
        assertThat(forces).hasValue(1);
    }

    /// The kernel tells a failure to one force alone, and forgets it.
    @Test
    void aForceThatFailedIsNotForgottenByTheNextOnes() throws IOException {
        AtomicInteger forces = new AtomicInteger();
        WriteBehind behind =
                new WriteBehind(() -> {
                    if (forces.incrementAndGet() == 1) {
                        throw new IOException("no space left on device");
                    }
                });
        behind.written(STRIDE);
        assertThatThrownBy(behind::await)
                .isInstanceOf(IOException.class)
                .hasMessage("no space left on device");
        assertThatThrownBy(() -> behind.written(STRIDE)).isInstanceOf(IOException.class);
        assertThatThrownBy(behind::await).isInstanceOf(IOException.class);
        assertThat(forces).hasValue(1);
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
