package dev.holdfast.replicator;

import dev.holdfast.storage.ObjectStore;

import java.time.Duration;

/// One of the places that the log is shipped to.
///
/// @param store retries by itself; stays the caller's to close
/// @param uploads how often something may be sent there
/// @param bandwidth how much
/// @param perSegment what a restore from there takes for one more segment, beside its bytes
public record DestinationOptions(
        ObjectStore store, UploadRate uploads, UploadBandwidth bandwidth, Duration perSegment) {
    /// Of a folder: opening, reading and checking it.
    public static final Duration SEGMENT_OF_FOLDER = Duration.ofNanos(200_000);

    /// Of a bucket: two answers, one to plan and one to read, each after 30 ms and asked for
    /// together with 15 others.
    public static final Duration SEGMENT_OF_BUCKET = Duration.ofMillis(4);

    /// A folder's, with as much as there is.
    public DestinationOptions(ObjectStore store, UploadRate uploads) {
        this(store, uploads, UploadBandwidth.UNLIMITED, SEGMENT_OF_FOLDER);
    }
}
