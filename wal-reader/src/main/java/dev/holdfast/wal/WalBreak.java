package dev.holdfast.wal;

/// Why frames could not be believed. None of these is an error of I/O, and nothing was visited.
public sealed interface WalBreak extends WalStep, WalOverlayStep {
    /// Frame `frame`, or with 0 the header, does not continue the chain of checksums, or is
    /// missing. Mostly the oracle is older than the file: read it again. Damage only if it stays so
    /// while a read lock is held.
    record Torn(long frame) implements WalBreak {}

    /// Frame `frame` is committed, but SQLite left its salts and checksum zero, so that nothing
    /// proves it or what follows. Stays so until the WAL is reset: checkpoint, and start anew from
    /// the database file.
    ///
    /// A defect of SQLite, measured in 3.40.1 and gone in 3.54.1: a transaction outgrows the page
    /// cache, goes back to a savepoint, and commits. SQLite's own recovery drops that commit, and
    /// all after it.
    record Unsealed(long frame) implements WalBreak {}

    /// The WAL is in another generation, with these salts: go on at its [start][WalFile#start].
    /// Whether commits were missed between the two can't be told from here.
    record Restarted(int salt1, int salt2) implements WalBreak {}

    /// The same generation, but what was at `position` is gone: its tail was lost and written anew.
    /// Never go on from there.
    record Rewritten(WalPosition position) implements WalBreak {}

    /// The frames up to `found` form an unbroken chain, but not to a commit, or not to the one that
    /// the oracle describes. Read the oracle again.
    record Mismatch(WalPosition found, WalPosition wanted) implements WalBreak {}

    /// One transaction of more frames than are taken on ([WalFile#MAX_FRAMES]).
    record TooLarge(long frames) implements WalBreak {}
}
