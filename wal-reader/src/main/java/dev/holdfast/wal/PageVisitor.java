package dev.holdfast.wal;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Takes the pages of a commit, in ascending page number.
@FunctionalInterface
public interface PageVisitor {
    /// Takes the page with this number, from 1, whose image is read-only and good until this method
    /// returns.
    void visit(long pageNumber, MemorySegment image) throws IOException;
}
