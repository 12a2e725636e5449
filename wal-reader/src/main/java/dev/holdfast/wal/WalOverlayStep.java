package dev.holdfast.wal;

/// What the search for the last image of each page in a WAL found.
public sealed interface WalOverlayStep permits WalOverlayStep.Found, WalBreak {
    /// All frames up to the limit are proven.
    record Found(WalOverlay overlay) implements WalOverlayStep {}
}
