package dev.holdfast.replicator;

import java.time.Duration;

/// How often log objects may be stored: a request to a bucket costs money.
///
/// @param interval one upload is earned in each; zero if they cost nothing
/// @param burst uploads that can be saved up, so that the first commits after a pause leave at once
public record UploadRate(Duration interval, int burst) {
    /// A folder's.
    public static final UploadRate UNLIMITED = new UploadRate(Duration.ZERO, 1);

    /// What can be saved up unless told otherwise.
    public static final int DEFAULT_BURST = 60;

    /// Of a bucket, unless told otherwise.
    public static final UploadRate DEFAULT_OF_BUCKETS =
            new UploadRate(Duration.ofSeconds(1), DEFAULT_BURST);

    public UploadRate {
        if (interval.isNegative() || burst < 1) {
            throw new IllegalArgumentException("one in " + interval + ", at most " + burst);
        }
    }
}
