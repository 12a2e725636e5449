package dev.holdfast.restore.verify;

/// What a verification comes to.
public sealed interface Verdict {
    /// All of the archive was looked at, and all of it is as it should be.
    record Good() implements Verdict {}

    /// Something is not as it should be; the report's findings say what.
    record Violated() implements Verdict {}

    /// Nothing wrong was found, but not all could be looked at.
    ///
    /// @param remedy one imperative sentence
    record CouldNotLook(String why, String remedy) implements Verdict {}
}
