package dev.holdfast.cli.config;

/// Where something stands in the file, as editors count: both from 1, columns in characters.
public record LineColumn(int line, int column) {
    /// For what the whole file lacks.
    static final LineColumn BEGINNING = new LineColumn(1, 1);
}
