package dev.holdfast.storage.gcs;

import java.time.Duration;
import java.util.Locale;

/// What is asked of Google Cloud Storage. Each but [#PART], [#ASK_UPLOAD], [#ABORT_UPLOAD] and
/// [#DELETE] is on its price list.
enum GcsRequestKind {
    PUT,
    GET,
    HEAD,
    LIST,
    DELETE,
    BEGIN_UPLOAD,
    PART,
    ASK_UPLOAD,
    ABORT_UPLOAD;

    /// Its name where requests are counted.
    String countedAs() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// How long a request may stand still: no byte of it sent, nor of the answer come.
    ///
    /// @param usual for a request that needs no work
    Duration patience(Duration usual) {
        // The last part makes the server digest all of them
        return this == PART ? usual.multipliedBy(PATIENCE_FOR_PARTS) : usual;
    }

    private static final int PATIENCE_FOR_PARTS = 2;
}
