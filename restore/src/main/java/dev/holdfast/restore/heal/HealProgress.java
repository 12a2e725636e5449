package dev.holdfast.restore.heal;

/// Is told how a healing goes.
@FunctionalInterface
public interface HealProgress {
    /// One more object was checked, or created.
    ///
    /// @param object the last that was checked, or created
    void report(String object, long checkedObjects, long createdObjects);
}
