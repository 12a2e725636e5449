package dev.holdfast.storage.archive;

import dev.holdfast.format.RecordHeader;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Is told what a segment holds, in the order of the log: `begin`, `page` for each page, `end`,
/// then the next transaction.
///
/// The digest of a segment is checked at its end: what was told of it holds only once the reader's
/// `decode` has returned.
public interface RecordVisitor {
    /// Decodes and checks, and wants nothing.
    RecordVisitor NONE = new RecordVisitor() {};

    /// A transaction begins: a commit, or a base, which has no pages.
    default void begin(long tx, RecordHeader header) throws IOException {}

    /// A page as the transaction left it.
    ///
    /// @param image one page, valid only during this call
    default void page(long pageNumber, MemorySegment image) throws IOException {}

    /// The transaction has no more pages; the database now has the size and checksum that its
    /// header says.
    default void end(long tx, RecordHeader header) throws IOException {}
}
