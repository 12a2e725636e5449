package dev.holdfast.replicator;

import dev.holdfast.format.PageMap;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// The state of a database from which its history in the archive begins, as it was found under a
/// pin.
///
/// @param position the end of that state in the WAL: what comes after is captured commit by commit
/// @param image all its pages, of a database small enough to be read at once; the snapshot is made
///   from it
/// @param hashes of its pages; there if `image` is
record Base(
        SourcePosition position,
        long databasePages,
        Optional<MemorySegment> image,
        Optional<PageMap> hashes) {}
