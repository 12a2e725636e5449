package dev.holdfast.replicator;

import java.nio.file.attribute.FileTime;

/// Tells whether a file was written since: its size and the time of its last change.
record FileStamp(long bytes, FileTime modified) {}
