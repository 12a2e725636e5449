package dev.holdfast.restore.verify;

/// Is told how far a verification is. Called often, and must return at once.
@FunctionalInterface
public interface VerifyProgress {
    VerifyProgress NONE = (_, _, _) -> {};

    /// An object was looked at.
    ///
    /// @param object that was looked at last
    void report(String object, long doneObjects, long totalObjects);
}
