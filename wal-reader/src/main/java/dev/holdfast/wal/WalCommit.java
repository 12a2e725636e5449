package dev.holdfast.wal;

import java.io.IOException;

/// One transaction that committed: the pages it left behind, and the size of the database after it.
///
/// Where SQLite was told that a disk may damage what it did not write (`psow=0`), it fills the disk
/// sector after a commit with repetitions of the commit frame. Each comes as a commit of its own,
/// of one page that is as it was.
///
/// Good during the visit only: its pages lie in a buffer that the next commit reuses.
public final class WalCommit {
    private final FrameReader reader;
    private final LastImages images;
    private final int first;
    private final int end;
    private final long databasePages;
    private final WalPosition position;
    private boolean isOver;

    /// @param images of the frames `first` to `end` of the reader's table, `end` excluded
    WalCommit(
            FrameReader reader,
            LastImages images,
            int first,
            int end,
            long databasePages,
            WalPosition position) {
        this.reader = reader;
        this.images = images;
        this.first = first;
        this.end = end;
        this.databasePages = databasePages;
        this.position = position;
    }

    /// The size of the database after this commit, in pages.
    public long databasePages() {
        return databasePages;
    }

    /// How many pages [#forEachPage] visits.
    public int pageCount() {
        return images.count();
    }

    /// How many frames the transaction took: more than its pages if it wrote some twice, or shrank
    /// the database.
    public int frameCount() {
        return end - first;
    }

    /// Where this commit ends, and where the next look begins.
    public WalPosition end() {
        return position;
    }

    /// Visits each page once, in ascending page number, as the transaction left it. Left out are
    /// pages past the new end of the database and the lock page. Can be called again.
    ///
    /// @throws WalChangedException if the WAL was written over since it was verified
    public void forEachPage(PageVisitor visitor) throws IOException {
        for (int i = 0; i < images.count(); i++) {
            if (isOver) {
                throw new IllegalStateException("the visit of this commit is over");
            }
            visitor.visit(images.pageNumber(i), reader.image(images.frameIndex(i), first, end));
        }
    }

    void finish() {
        isOver = true;
    }
}
