package dev.holdfast.storage.gcs;

import dev.holdfast.storage.ObjectStore;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/// Stores for tests.
final class GcsStores {
    /// For a machine whose disk is busy with all that is tested at once.
    static final Duration PATIENCE = Duration.ofMinutes(1);

    /// For what is not stopped.
    static final CountDownLatch NEVER = new CountDownLatch(1);

    private GcsStores() {}

    static ObjectStore open(URI server, String bucket, String prefix) {
        return open(server, bucket, prefix, GcsAccess.of(() -> null));
    }

    static ObjectStore open(URI server, String bucket, String prefix, GcsAccess access) {
        return GcsObjectStore.open(place(server, bucket, prefix), access, PATIENCE, NEVER);
    }

    /// Nobody's name is given, whatever this machine has.
    static GcsPlace place(URI server, String bucket, String prefix) {
        return GcsPlace.parse(
                "gs://" + bucket + "/" + prefix + "?credentials=none&endpoint=" + server);
    }
}
