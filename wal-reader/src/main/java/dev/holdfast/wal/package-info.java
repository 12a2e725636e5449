/// SQLite's `-wal`, `-shm` and database header: bytes in, commits out.
///
/// Knows no threads, no JDBC and no logging, and opens one kind of file only: `-wal`, which carries
/// no locks. The database file and `-shm` are read through what the caller passes in, because
/// closing any descriptor on them drops every POSIX lock the process holds there. What a look may
/// find is a sealed type; exceptions are left to failed I/O and to a caller's mistake.
///
/// Start with [dev.holdfast.wal.WalFile], then [dev.holdfast.wal.WalIndex], the oracle that says
/// how far to believe it.
@NullMarked
package dev.holdfast.wal;

import org.jspecify.annotations.NullMarked;
