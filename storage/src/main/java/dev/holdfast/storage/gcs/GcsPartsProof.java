package dev.holdfast.storage.gcs;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.storage.StoreException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/// Finds out, before the first object goes in parts, whether the condition under which an upload
/// was begun is kept at its end too.
///
/// [dev.holdfast.storage.StoreProbe] asks of whole objects only. Of two uploads of one name that
/// were both begun while it was free one must fail, or a large log object of one writer would
/// replace that of another.
final class GcsPartsProof {
    private final GcsBucket bucket;
    private volatile boolean isProven;

    GcsPartsProof(GcsBucket bucket) {
        this.bucket = bucket;
    }

    /// Asks until there was an answer, and then never again.
    ///
    /// @throws StoreException.Denied if the store overwrites
    void proveOnce() throws IOException {
        if (isProven) {
            return;
        }
        String name = ObjectNames.PROBES + "parts-" + UUID.randomUUID();
        byte[] first = {'p'};
        byte[] second = {'q'};
        try {
            String one = bucket.beginUpload(name);
            String other = bucket.beginUpload(name);
            end(name, one, first);
            boolean isRefused = isRefused(name, other, second);
            boolean isKept = bucket.find(name).equals(Optional.of(acknowledgement(first)));
            remove(name);
            if (!isRefused || !isKept) {
                throw new StoreException.Denied(
                        "the store overwrites objects that come in parts: "
                                + name
                                + " was there, and the end of another upload of it was not"
                                + " refused",
                        "Use a server that keeps ifGenerationMatch=0 until the end of a resumable"
                                + " upload.",
                        null);
            }
        } catch (GcsRefusal e) {
            throw bucket.requests().explain(e);
        }
        isProven = true;
    }

    private static GcsAcknowledgement acknowledgement(byte[] bytes) {
        return new GcsAcknowledgement(bytes.length, GcsBytes.crc32c(bytes));
    }

    private boolean isRefused(String name, String session, byte[] bytes) throws IOException {
        try {
            end(name, session, bytes);
            return false;
        } catch (GcsRefusal e) {
            if (e.status() == 412) {
                return true;
            }
            throw e;
        }
    }

    /// Sends all of an upload.
    private void end(String name, String session, byte[] bytes) throws IOException {
        GcsAcknowledgement sent = acknowledgement(bytes);
        String range = "bytes 0-%d/%d".formatted(bytes.length - 1, bytes.length);
        switch (bucket.beginPart(
                        name, session, range, Optional.of(sent.crc32c()), ByteBuffer.wrap(bytes))
                .await()) {
            case GcsStep.Stored(GcsAcknowledgement object) -> object.check(name, sent);
            case GcsStep.Kept _ ->
                    throw new StoreException.Unavailable(
                            "the store does not keep what is uploaded of " + name,
                            "Try again; if it stays so, check the server.",
                            null);
        }
    }

    /// A writer need not be allowed to: then it stays.
    private void remove(String name) {
        try {
            bucket.delete(name);
        } catch (GcsRefusal | IOException _) {
            // A byte under a name that nobody reads
        }
    }
}
