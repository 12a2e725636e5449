package dev.holdfast.storage.copies;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.DeleteOutcome;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.ReadOutcome;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;

/// For dry runs: reads what another store has, and takes what is stored without storing it. Of that
/// only `archive.json` can be read. The other store stays the caller's to close.
public final class DiscardingStore implements ObjectStore {
    private final ObjectStore store;
    private volatile @Nullable KeptObject archiveInfo;

    /// What `store` has, and nothing more ever.
    public DiscardingStore(ObjectStore store) {
        this.store = store;
    }

    private boolean isThere(String name) throws IOException {
        return store.read(name, 0, ByteBuffer.allocate(1)) instanceof ReadOutcome.Read;
    }

    @Override
    public CreateOutcome create(String name, ObjectBody body) throws IOException {
        if (isThere(name)) {
            return new CreateOutcome.AlreadyExists();
        }
        if (name.equals(ObjectNames.ARCHIVE_INFO)) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            body.writeTo(Channels.newChannel(bytes));
            archiveInfo = new KeptObject(bytes.toByteArray());
        }
        return new CreateOutcome.Created();
    }

    @Override
    public ObjectUpload upload(String name) {
        return new ObjectUpload() {
            @Override
            public void write(ByteBuffer bytes) {
                bytes.position(bytes.limit());
            }

            @Override
            public CreateOutcome commit() throws IOException {
                return isThere(name)
                        ? new CreateOutcome.AlreadyExists()
                        : new CreateOutcome.Created();
            }

            @Override
            public void close() {
                // nothing is held
            }
        };
    }

    @Override
    public ReadOutcome read(String name, long offset, ByteBuffer into) throws IOException {
        KeptObject kept = archiveInfo;
        return kept == null || !name.equals(ObjectNames.ARCHIVE_INFO)
                ? store.read(name, offset, into)
                : kept.read(offset, into);
    }

    @Override
    public ListPage list(String prefix, @Nullable String startAfter, int limit) throws IOException {
        return store.list(prefix, startAfter, limit);
    }

    @Override
    public DeleteOutcome delete(String name) {
        throw new IllegalStateException("a dry run deletes " + name);
    }

    @Override
    public String location() {
        return store.location();
    }

    @Override
    public void close() {
        // the other store is the caller's
    }
}
