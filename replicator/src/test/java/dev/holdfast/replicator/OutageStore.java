package dev.holdfast.replicator;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.ObjectStore;

/// A store that can't be reached from [#begin] to [#end], as after all retries.
final class OutageStore extends ForwardingStore {
    private volatile boolean isDown;

    OutageStore(ObjectStore store) {
        super(store);
    }

    void begin() {
        isDown = true;
    }

    void end() {
        isDown = false;
    }

    @Override
    ObjectStore reached() {
        if (isDown) {
            throw new SidecarException.StorageUnavailable("the store is down", "Wait.");
        }
        return super.reached();
    }
}
