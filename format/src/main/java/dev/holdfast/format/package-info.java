/// The archive format: values, and the layout of each object of `docs/format.md`, writer and reader
/// side by side.
///
/// Depends on the JDK alone, does no I/O, knows no store and no SQLite file. Start with
/// [SegmentHeader], then [RecordHeader] and [SnapshotFooter]; what goes wrong is a case of
/// [dev.holdfast.format.failure.FormatException].
@NullMarked
package dev.holdfast.format;

import org.jspecify.annotations.NullMarked;
