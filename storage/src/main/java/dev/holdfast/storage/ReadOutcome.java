package dev.holdfast.storage;

/// What a ranged read found.
public sealed interface ReadOutcome {
    /// `count` bytes were read; fewer than there was room for only where the object ends.
    ///
    /// @param objectBytes size of the whole object
    record Read(int count, long objectBytes) implements ReadOutcome {}

    /// There is no such object.
    record NotFound() implements ReadOutcome {}
}
