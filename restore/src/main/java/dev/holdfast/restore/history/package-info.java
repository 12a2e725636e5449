/// What an archive holds: its transactions, interruptions, writers and snapshots, and its status.
///
/// Reads the store alone, never a local file, and streams: a history may be longer than memory.
/// Start with [History]; [ArchiveStatus] is the short answer.
@NullMarked
package dev.holdfast.restore.history;

import org.jspecify.annotations.NullMarked;
