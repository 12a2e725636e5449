package dev.holdfast.replicator;

import java.util.OptionalLong;

/// How much may be sent to a destination: log objects and snapshots, not what is asked.
///
/// @param bytesPerSecond empty if there is no limit
public record UploadBandwidth(OptionalLong bytesPerSecond) {
    public static final UploadBandwidth UNLIMITED = new UploadBandwidth(OptionalLong.empty());

    public UploadBandwidth {
        if (bytesPerSecond.orElse(1) < 1) {
            throw new IllegalArgumentException(bytesPerSecond.getAsLong() + " bytes a second");
        }
    }

    public static UploadBandwidth of(long bytesPerSecond) {
        return new UploadBandwidth(OptionalLong.of(bytesPerSecond));
    }

    public boolean isLimited() {
        return bytesPerSecond.isPresent();
    }
}
