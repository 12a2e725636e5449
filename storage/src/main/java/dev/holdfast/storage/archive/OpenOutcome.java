package dev.holdfast.storage.archive;

/// What lies at a place that was to be opened as an archive.
public sealed interface OpenOutcome {
    record Found(Archive archive) implements OpenOutcome {}

    /// No archive.json and no log: nothing was ever written here, or not enough to matter.
    record Absent() implements OpenOutcome {}
}
