package dev.holdfast.replicator.protocol;

/// Where an exploration begins, and how far it goes.
///
/// @param transactions that the writer begins at most; each reset of the WAL needs one more
/// @param faults of the application or the machine
/// @param kills of Holdfast
record Bounds(Setting setting, int transactions, int faults, int kills) {
    enum Setting {
        /// An empty database, and Holdfast is to be started yet.
        NEW,
        /// The same, and the application has a connection that only reads.
        NEW_WITH_READER,
        /// One transaction was captured, and Holdfast has stepped aside.
        ASIDE
    }

    boolean hasReader() {
        return setting == Setting.NEW_WITH_READER;
    }

    State initial() {
        State fresh = State.initial(faults, kills);
        return switch (setting) {
            case NEW, NEW_WITH_READER -> fresh;
            case ASIDE -> {
                Wal wal = Wal.EMPTY.appended(1).published();
                Place end = wal.index().end();
                Holdfast aside =
                        Holdfast.DOWN
                                .with(CapturedLog.rebased(wal.committed(), end))
                                .now(new Doing.Away(wal.index().counter()));
                yield fresh.with(wal).with(aside).withBegun(1);
            }
        };
    }
}
