package dev.holdfast.storage;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Another store, for a test to stand in between.
public abstract class ForwardingStore implements ObjectStore {
    private final ObjectStore store;

    protected ForwardingStore(ObjectStore store) {
        this.store = store;
    }

    /// The store for one request.
    protected ObjectStore reached() {
        return store;
    }

    @Override
    public CreateOutcome create(String name, ObjectBody body) throws IOException {
        return reached().create(name, body);
    }

    @Override
    public ObjectUpload upload(String name) throws IOException {
        return reached().upload(name);
    }

    @Override
    public ReadOutcome read(String name, long offset, ByteBuffer into) throws IOException {
        return reached().read(name, offset, into);
    }

    @Override
    public ListPage list(String prefix, @Nullable String startAfter, int limit) throws IOException {
        return reached().list(prefix, startAfter, limit);
    }

    @Override
    public DeleteOutcome delete(String name) throws IOException {
        return reached().delete(name);
    }

    @Override
    public String location() {
        return store.location();
    }

    @Override
    public void close() {
        store.close();
    }
}
