package dev.holdfast.storage.archive;

import dev.holdfast.format.ObjectNames;

/// A log object, as a listing shows it.
///
/// @param firstSeq of its first segment
/// @param bytes its size
public record LogObject(long firstSeq, long bytes) {
    public String name() {
        return ObjectNames.log(firstSeq);
    }
}
