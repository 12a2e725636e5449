package dev.holdfast.storage.copies;

/// What became of one object that was to be copied.
public sealed interface Copied {
    /// It is there, whole and durable.
    record Stored(String name, long bytes) implements Copied {}

    /// Its name was taken meanwhile: by the same, or by something else, each digest of which is
    /// right.
    record Taken(String name) implements Copied {}

    /// There was nothing to copy.
    record Nothing() implements Copied {}
}
