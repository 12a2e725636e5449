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

/// Another store, for a test to stand in between.
abstract class ForwardingStore implements ObjectStore {
    private final ObjectStore store;

    ForwardingStore(ObjectStore store) {
        this.store = store;
    }

    /// The store for one request.
    ObjectStore reached() {
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
