package dev.holdfast.cli.config;

import dev.holdfast.replicator.UploadBandwidth;
import dev.holdfast.replicator.UploadRate;
import dev.holdfast.storage.StoreLocation;

/// A place that a database is shipped to.
///
/// @param uploads how often something may be sent there
/// @param bandwidth how much
public record DestinationConfig(
        Setting<StoreLocation> location,
        Setting<UploadRate> uploads,
        Setting<UploadBandwidth> bandwidth) {
    /// Where requests cost money they are few.
    static Setting<UploadRate> usualUploads(StoreLocation place) {
        return switch (place) {
            case StoreLocation.Folder _ -> Setting.byDefault(UploadRate.UNLIMITED, "unlimited");
            case StoreLocation.Bucket _, StoreLocation.GoogleBucket _ ->
                    Setting.byDefault(UploadRate.DEFAULT_OF_BUCKETS, "1");
        };
    }
}
