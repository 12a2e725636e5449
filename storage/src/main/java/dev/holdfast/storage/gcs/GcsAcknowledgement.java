package dev.holdfast.storage.gcs;

import com.google.api.services.storage.model.StorageObject;

import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.bucket.ConnectionFailures;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;

/// What the store says that it has stored. The status alone proves nothing: a proxy, a web server
/// or a portal says 200 to whatever it is sent.
///
/// @param crc32c as the store writes it
record GcsAcknowledgement(long bytes, String crc32c) {

    /// @param name for messages
    /// @throws StoreException if it does not say what is there
    static GcsAcknowledgement of(String name, @Nullable StorageObject object)
            throws StoreException {
        @Nullable BigInteger size = object == null ? null : object.getSize();
        @Nullable String crc32c = object == null ? null : object.getCrc32c();
        if (size == null || size.signum() < 0 || size.bitLength() >= Long.SIZE || crc32c == null) {
            throw new StoreException.Unavailable(
                    "the store has not said that it stored %s: there is no %s in its answer"
                            .formatted(name, crc32c == null ? "crc32c" : "size"),
                    ConnectionFailures.LOOK_BETWEEN,
                    null);
        }
        return new GcsAcknowledgement(size.longValueExact(), crc32c);
    }

    /// That it is of the bytes that were sent.
    void check(String name, GcsAcknowledgement sent) throws StoreException {
        if (!equals(sent)) {
            throw new StoreException.Unavailable(
                    "the store has acknowledged other bytes for %s than were sent: found %s, wanted"
                                    .formatted(name, this)
                            + " "
                            + sent,
                    "Check the network between here and the store, and run holdfast verify.",
                    null);
        }
    }

    @Override
    public String toString() {
        return bytes + " bytes with crc32c=" + crc32c;
    }
}
