package dev.holdfast.restore;

/// Is told how far a restore is. Called often, by one thread at a time, and must return at once.
@FunctionalInterface
public interface RestoreProgress {
    RestoreProgress NONE = (_, _, _) -> {};

    /// What a restore does, in this order.
    enum Phase {
        SNAPSHOT,
        LOG,
        SYNC
    }

    /// Something was fetched, or a phase begins.
    ///
    /// @param doneBytes fetched from the store, in all phases together
    /// @param totalBytes as in [RestorePlan#totalBytes]
    void report(Phase phase, long doneBytes, long totalBytes);
}
