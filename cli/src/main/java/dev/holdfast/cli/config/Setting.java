package dev.holdfast.cli.config;

import org.jspecify.annotations.Nullable;

import java.util.Optional;

/// A value that is in force.
///
/// @param text the value as it would be written
/// @param from where in the file it stands; empty for a default
public record Setting<T>(T value, String text, Optional<LineColumn> from) {
    /// What holds where nothing is written.
    static <T> Setting<T> byDefault(T value, String text) {
        return new Setting<>(value, text, Optional.empty());
    }

    /// What a flag says comes before what the file says.
    ///
    /// @param flag null if it was not given
    public T or(@Nullable T flag) {
        return flag == null ? value : flag;
    }
}
