/// SQLite's `-wal`, `-shm` and database header: bytes in, commits out.
///
/// It starts no thread, writes no log, uses no JDBC, and never maps a WAL, which SQLite may
/// truncate under it. Positions are the caller's to keep.
@NullMarked
package dev.holdfast.wal;

import org.jspecify.annotations.NullMarked;
