/// Writing and reading the objects of an archive, each checked as `docs/format.md` says.
///
/// Knows nothing of SQLite beyond page numbers, starts no thread and never retries: the store below
/// does. Bytes that are wrong are a [dev.holdfast.format.failure.FormatException] that names the
/// object. Start with [SegmentWriter] and [SegmentReader]; [Archive] finds objects, [LogReader]
/// walks over all of the log.
@NullMarked
package dev.holdfast.storage.archive;

import org.jspecify.annotations.NullMarked;
