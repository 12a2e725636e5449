package dev.holdfast.storage;

import dev.holdfast.format.failure.SidecarException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// A failed request whose reason is understood well enough to say what to do.
///
/// Stores throw these where they can and a plain `IOException` where they can't;
/// [RetryingObjectStore] treats the latter as [Unavailable].
public abstract sealed class StoreException extends IOException {
    private static final long serialVersionUID = 1;

    private final String remedy;

    private StoreException(String message, String remedy, @Nullable Throwable cause) {
        super(message, cause);
        this.remedy = remedy;
    }

    /// One imperative sentence for the operator.
    public final String remedy() {
        return remedy;
    }

    /// The same, for whoever does not try again.
    ///
    /// @param location of the store
    public final SidecarException toSidecarException(String location) {
        return switch (this) {
            case Unavailable _, Throttled _ ->
                    new SidecarException.StorageUnavailable(
                            String.valueOf(getMessage()), remedy, this);
            case Denied _ ->
                    new SidecarException.StorageDenied(
                            location, String.valueOf(getMessage()), remedy);
        };
    }

    /// The store does not answer, is not there, or has no room: the same request may succeed later.
    public static final class Unavailable extends StoreException {
        private static final long serialVersionUID = 1;

        public Unavailable(String message, String remedy, @Nullable Throwable cause) {
            super(message, remedy, cause);
        }
    }

    /// The store asks for fewer requests, or what stands before it has nobody to give them to.
    /// [RetryingObjectStore] waits longer than after anything else.
    public static final class Throttled extends StoreException {
        private static final long serialVersionUID = 1;

        public Throttled(String message, String remedy, @Nullable Throwable cause) {
            super(message, remedy, cause);
        }
    }

    /// The store answers and says no: the same request will fail again until somebody changes
    /// something.
    public static sealed class Denied extends StoreException {
        private static final long serialVersionUID = 1;

        public Denied(String message, String remedy, @Nullable Throwable cause) {
            super(message, remedy, cause);
        }
    }

    /// What answers does not speak as such a store does: it is something else, or this once the
    /// request or its answer was damaged on the way. [RetryingObjectStore] believes it when it has
    /// heard it more than once.
    public static final class Unintelligible extends Denied {
        private static final long serialVersionUID = 1;

        public Unintelligible(String message, String remedy, @Nullable Throwable cause) {
            super(message, remedy, cause);
        }
    }
}
