package dev.holdfast.replicator.protocol;

/// The end of frame `frame` in one generation of the WAL: what a reader keeps of a wal-index
/// header.
record Place(int generation, int frame) {
    /// A place in no WAL.
    static final Place NOWHERE = new Place(0, 0);

    @Override
    public String toString() {
        return "g" + generation + "/" + frame;
    }
}
