package dev.holdfast.replicator;

import java.time.Duration;

/// When a new snapshot is due: when a restore would take longer than promised, or the last one is
/// too old.
///
/// @param rto how long a restore may take
/// @param maxAge of the newest snapshot, if anything was committed since
public record SnapshotPolicy(Duration rto, Duration maxAge) {
    /// What a restore does at least on two cores and a plain disk: half of what `./dev bench`
    /// measures.
    private static final long BYTES_PER_SECOND = 200 << 20;

    /// Below this much log nothing is gained by a snapshot.
    private static final long MIN_LOG_BYTES = 8 << 20;

    public static final Duration DEFAULT_RTO = Duration.ofSeconds(30);
    public static final Duration DEFAULT_MAX_AGE = Duration.ofHours(24);

    /// @param databaseBytes size of the database
    /// @param logBytes uncompressed, since the last snapshot
    /// @param forSegments what their number since the last snapshot takes a restore, beside their
    ///   bytes
    /// @param age of the last snapshot
    boolean isDue(long databaseBytes, long logBytes, Duration forSegments, Duration age) {
        if (logBytes == 0) {
            return false;
        }
        if (age.compareTo(maxAge) >= 0) {
            return true;
        }
        // A database that alone takes most of the time must not be copied again and again
        Duration copy = ofBytes(databaseBytes);
        Duration forLog = rto.minus(copy).compareTo(copy) > 0 ? rto.minus(copy) : copy;
        Duration replay = ofBytes(logBytes).plus(forSegments);
        boolean isWorthIt =
                logBytes >= Math.max(MIN_LOG_BYTES, databaseBytes / 2)
                        || forSegments.compareTo(forLog) > 0;
        return isWorthIt && replay.compareTo(forLog) > 0;
    }

    private static Duration ofBytes(long bytes) {
        return Duration.ofMillis(bytes / (BYTES_PER_SECOND / 1000));
    }
}
