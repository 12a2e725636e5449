package dev.holdfast.replicator;

import java.util.Locale;
import java.util.OptionalLong;

/// How much may wait on this machine for stores that can't be reached, and what happens then.
///
/// @param limit bytes of the log; empty for a tenth of what is free on the disk at the start, and
///   256 MB at least
public record SpoolPolicy(OptionalLong limit, WhenFull whenFull) {
    /// What happens to commits that there is no room for.
    public enum WhenFull {
        /// They stay in the WAL, which grows, until there is room; nothing is lost. Only when the
        /// database's disk is nearly full does the application come first, as with [#REBASE].
        KEEP,

        /// The database is let go of, so that its WAL can begin anew. What waits stays, and is
        /// shipped; then history begins anew with the database as it is.
        REBASE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public static final SpoolPolicy DEFAULT = new SpoolPolicy(OptionalLong.empty(), WhenFull.KEEP);

    private static final long LEAST_LIMIT = 256_000_000;
    private static final int LIMIT_SHARE = 10;

    private static final long LEAST_FILE_BYTES = 1 << 20;
    private static final long MOST_FILE_BYTES = 32 << 20;
    private static final int FILE_SHARE = 8;

    /// Bytes of the log that may wait.
    ///
    /// @param free bytes on the disk, those of what waits already included: that is no reason to
    ///   let less wait
    long limitOf(long free) {
        return limit.orElse(Math.max(LEAST_LIMIT, free / LIMIT_SHARE));
    }

    /// After how many bytes a new file of the spool is begun: what need not wait any more is given
    /// back in such pieces, which are small beside the limit.
    long fileBytes() {
        return limit.isPresent()
                ? Math.clamp(limit.getAsLong() / FILE_SHARE, LEAST_FILE_BYTES, MOST_FILE_BYTES)
                : MOST_FILE_BYTES;
    }
}
