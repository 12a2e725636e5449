package dev.holdfast.replicator;

import java.nio.channels.FileChannel;
import java.nio.file.Path;

/// One file of the spool: entries from `firstSeq` on, in order.
record SpoolFile(long firstSeq, Path path, FileChannel channel) {}
