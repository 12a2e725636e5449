package dev.holdfast.replicator;

import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.DeleteOutcome;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.ReadOutcome;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// A store to which no more is sent than a [ByteBudget] has left beside the log. Waits before an
/// object, or a piece of one that is uploaded, is sent: never within a request. For one thread that
/// writes.
///
/// @param share what it has at least
/// @param bell rung when `isFree` may have become true
/// @param isFree whether the rest need not wait: somebody is in a hurry, or gives it up
record PacedStore(
        ObjectStore store,
        ByteBudget budget,
        ByteBudget.Share share,
        Bell bell,
        BooleanSupplier isFree)
        implements ObjectStore {
    private void pace(long bytes) {
        long since = budget.now();
        while (!isFree.getAsBoolean()) {
            Duration left = budget.untilOther(bytes, since, share);
            if (left.isZero()) {
                budget.spend(bytes);
                return;
            }
            boolean _ = bell.await(left);
        }
        budget.spendInHurry(bytes);
    }

    @Override
    public CreateOutcome create(String name, ObjectBody body) throws IOException {
        pace(body.bytes());
        return store.create(name, body);
    }

    @Override
    public ObjectUpload upload(String name) throws IOException {
        return new Upload(store.upload(name));
    }

    @Override
    public ReadOutcome read(String name, long offset, ByteBuffer into) throws IOException {
        return store.read(name, offset, into);
    }

    @Override
    public ListPage list(String prefix, @Nullable String startAfter, int limit) throws IOException {
        return store.list(prefix, startAfter, limit);
    }

    @Override
    public DeleteOutcome delete(String name) throws IOException {
        return store.delete(name);
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

    private final class Upload implements ObjectUpload {
        private final ObjectUpload upload;

        Upload(ObjectUpload upload) {
            this.upload = upload;
        }

        @Override
        public void write(ByteBuffer bytes) throws IOException {
            int end = bytes.limit();
            while (bytes.hasRemaining()) {
                int count = (int) Math.min(bytes.remaining(), budget.sliceBytes());
                pace(count);
                bytes.limit(bytes.position() + count);
                try {
                    upload.write(bytes);
                } finally {
                    bytes.limit(end);
                }
            }
        }

        @Override
        public CreateOutcome commit() throws IOException {
            return upload.commit();
        }

        @Override
        public boolean isRepeatable() {
            return upload.isRepeatable();
        }

        @Override
        public void giveUp() {
            upload.giveUp();
        }

        @Override
        public void close() throws IOException {
            upload.close();
        }
    }
}
