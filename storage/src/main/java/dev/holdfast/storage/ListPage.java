package dev.holdfast.storage;

import java.util.List;

/// A part of a listing.
///
/// @param isTruncated whether more names follow the last one here
public record ListPage(List<Entry> entries, boolean isTruncated) {
    public ListPage {
        entries = List.copyOf(entries);
    }

    /// One object.
    ///
    /// @param bytes its size
    public record Entry(String name, long bytes) {}
}
