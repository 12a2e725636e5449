package dev.holdfast.storage.archive;

import java.io.IOException;
import java.util.Optional;

/// The log's objects in their order, listed page by page as they are asked for. Owned by one
/// thread.
@SuppressWarnings("DoNotCallSuggester")
public final class LogListing {
    LogListing() {
        throw new UnsupportedOperationException("not yet");
    }

    /// The next object; empty at the end. Names that are not of the log are passed over.
    public Optional<LogObject> next() throws IOException {
        throw new UnsupportedOperationException("not yet");
    }
}
