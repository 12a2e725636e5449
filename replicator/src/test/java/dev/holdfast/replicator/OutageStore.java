package dev.holdfast.replicator;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.ForwardingStore;
import dev.holdfast.storage.ObjectStore;

/// A store that can't be reached from [#begin] to [#end], as after all retries; with a name, where
/// there are several.
final class OutageStore extends ForwardingStore {
    private final String location;
    private volatile boolean isDown;

    OutageStore(ObjectStore store) {
        this(store, store.location());
    }

    OutageStore(ObjectStore store, String location) {
        super(store);
        this.location = location;
    }

    @Override
    public String location() {
        return location;
    }

    void begin() {
        isDown = true;
    }

    void end() {
        isDown = false;
    }

    @Override
    protected ObjectStore reached() {
        if (isDown) {
            throw new SidecarException.StorageUnavailable("the store is down", "Wait.");
        }
        return super.reached();
    }
}
