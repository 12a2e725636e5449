package dev.holdfast.storage;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/// A store that is opened when it is first used, and if that fails, when it is used again: it may
/// be away when the process starts.
public final class DeferredObjectStore implements ObjectStore {
    private final String location;
    private final Opening opening;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable ObjectStore opened;
    private boolean isClosed;

    /// How it is opened.
    public interface Opening {
        /// Throws the storage cases of [dev.holdfast.format.failure.SidecarException].
        ObjectStore open();
    }

    /// A store at `location`, which is not touched yet.
    public DeferredObjectStore(String location, Opening opening) {
        this.location = location;
        this.opening = opening;
    }

    private ObjectStore store() {
        ObjectStore now = opened;
        return now == null ? open() : now;
    }

    private ObjectStore open() {
        lock.lock();
        try {
            ObjectStore now = opened;
            if (now == null) {
                if (isClosed) {
                    throw new IllegalStateException(location + " is closed");
                }
                now = opening.open();
                opened = now;
            }
            return now;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public CreateOutcome create(String name, ObjectBody body) throws IOException {
        return store().create(name, body);
    }

    @Override
    public ObjectUpload upload(String name) throws IOException {
        return store().upload(name);
    }

    @Override
    public ReadOutcome read(String name, long offset, ByteBuffer into) throws IOException {
        return store().read(name, offset, into);
    }

    @Override
    public ListPage list(String prefix, @Nullable String startAfter, int limit) throws IOException {
        return store().list(prefix, startAfter, limit);
    }

    @Override
    public DeleteOutcome delete(String name) throws IOException {
        return store().delete(name);
    }

    @Override
    public String location() {
        return location;
    }

    @Override
    public Map<String, Long> requests() {
        ObjectStore now = opened;
        return now == null ? Map.of() : now.requests();
    }

    @Override
    public void close() {
        lock.lock();
        try {
            isClosed = true;
            ObjectStore now = opened;
            if (now != null) {
                now.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
