package dev.holdfast.storage.s3;

import java.time.Duration;
import java.util.Locale;

/// What is asked of S3. Each is a line of its price list.
enum S3RequestKind {
    PUT,
    GET,
    HEAD,
    LIST,
    DELETE,
    BEGIN_UPLOAD,
    PART,
    COMPLETE_UPLOAD,
    ABORT_UPLOAD,
    LIST_UPLOADS,
    LIST_PARTS;

    /// S3 puts the parts together before it answers, which takes minutes for thousands of them.
    private static final int PATIENCE_FOR_ALL_PARTS = 9;

    /// Its name where requests are counted.
    String countedAs() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// How long a request may stand still: no byte of it sent, nor of the answer come.
    ///
    /// @param usual for a request that needs no work
    Duration patience(Duration usual) {
        return this == COMPLETE_UPLOAD ? usual.multipliedBy(PATIENCE_FOR_ALL_PARTS) : usual;
    }
}
