package dev.holdfast.replicator;

import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ForwardingStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectUpload;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A store whose first upload stands still in its midst until [#release].
final class HeldStore extends ForwardingStore {
    /// Far longer than anything takes on a busy machine.
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /// Header, and the first block.
    private static final int WRITES_BEFORE = 2;

    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    HeldStore(ObjectStore store) {
        super(store);
    }

    /// Waits until the upload stands still.
    void awaitHeld() {
        await(held);
    }

    void release() {
        released.countDown();
    }

    static void await(CountDownLatch latch) {
        try {
            if (!latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("no end of waiting");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public ObjectUpload upload(String name) throws IOException {
        ObjectUpload upload = super.upload(name);
        return new ObjectUpload() {
            private int writes;

            @Override
            public void write(ByteBuffer bytes) throws IOException {
                if (writes == WRITES_BEFORE) {
                    held.countDown();
                    HeldStore.await(released);
                }
                writes++;
                upload.write(bytes);
            }

            @Override
            public CreateOutcome commit() throws IOException {
                return upload.commit();
            }

            @Override
            public void close() throws IOException {
                upload.close();
            }
        };
    }
}
