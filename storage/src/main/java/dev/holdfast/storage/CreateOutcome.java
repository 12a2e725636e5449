package dev.holdfast.storage;

/// What became of a conditional create.
public sealed interface CreateOutcome {
    /// The object is there, whole and durable.
    record Created() implements CreateOutcome {}

    /// The name is taken, by another writer or by an earlier try of this one. Nothing was changed.
    /// What is there is whole and durable.
    record AlreadyExists() implements CreateOutcome {}
}
