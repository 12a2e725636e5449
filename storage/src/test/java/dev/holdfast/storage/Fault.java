package dev.holdfast.storage;

/// What a store may do to a request. [FaultyObjectStore] decides which, and when.
public enum Fault {
    /// Fails and does nothing.
    BEFORE_EFFECT,
    /// Does it, then fails: the answer is lost.
    AFTER_EFFECT,
    /// Fails in the middle of the body; nothing of it may ever be seen.
    TORN,
    /// Fails after some of the bytes have come.
    SHORT_READ,
    /// Takes its time.
    SLOW,
    /// Does not show the newest objects yet, in this and the next few listings.
    STALE_LIST
}
