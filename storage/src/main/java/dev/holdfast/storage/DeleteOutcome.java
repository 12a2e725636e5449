package dev.holdfast.storage;

/// What became of a deletion.
public sealed interface DeleteOutcome {
    record Deleted() implements DeleteOutcome {}

    record NotFound() implements DeleteOutcome {}

    /// The store keeps it: a lock, a hold, or no permission to delete. Not an error.
    record Retained(String why) implements DeleteOutcome {}
}
