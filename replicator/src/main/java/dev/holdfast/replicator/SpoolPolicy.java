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
}
