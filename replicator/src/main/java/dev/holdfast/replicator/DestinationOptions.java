package dev.holdfast.replicator;

import dev.holdfast.storage.ObjectStore;

/// One of the places that the log is shipped to.
///
/// @param store retries by itself; stays the caller's to close
/// @param uploads how often something may be sent there
public record DestinationOptions(ObjectStore store, UploadRate uploads) {}
