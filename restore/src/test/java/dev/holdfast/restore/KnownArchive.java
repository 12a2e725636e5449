package dev.holdfast.restore;

import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.archive.TestArchive;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A small archive with something of everything, and what each of its transactions left.
///
/// @param databases after transaction 1, 2, …
/// @param places where in the log objects each segment is
record KnownArchive(StoredObjects objects, List<byte[]> databases, List<SegmentPlace> places) {
    /// The last object of the log, which nothing but its own absence shows.
    static final String TAIL = ObjectNames.log(9);

    /// @param end offset in the object behind it
    record SegmentPlace(String object, long seq, int begin, int end) {}

    /// | object | holds |
    /// | --- | --- |
    /// | log/1 | rebase, commits, commits |
    /// | snapshots/2 | exact |
    /// | log/4 | claim of a writer with the other codec, commits, commits |
    /// | snapshots/5 | moving, repaired by segment 5 |
    /// | log/7 | rebase, commits |
    /// | snapshots/8 | exact |
    /// | log/9 | commits |
    static KnownArchive write(long seed, Codec first, Codec second) throws IOException {
        InMemoryObjectStore store = new InMemoryObjectStore();
        try (TestArchive archive = new TestArchive(store, seed, new PageSize(512), first)) {
            archive.rebase(RebaseReason.FIRST, 5);
            archive.snapshot();
            archive.commits(1);
            archive.commits(2);
            archive.ship();
            archive.claim(second);
            archive.beginSnapshot();
            archive.commits(1);
            archive.endSnapshot();
            archive.commits(1);
            archive.ship();
            archive.rebase(RebaseReason.CONTINUITY_LOST, 6);
            archive.snapshot();
            archive.commits(2);
            archive.ship();
            archive.commits(1);
            archive.ship();
            List<byte[]> databases = new ArrayList<>();
            for (long tx = 1; tx <= archive.lastTx(); tx++) {
                databases.add(archive.database(tx));
            }
            return new KnownArchive(StoredObjects.of(store), databases, places(archive));
        }
    }

    private static List<SegmentPlace> places(TestArchive archive) {
        Map<Long, Long> lastSeqs = new TreeMap<>(Map.of(1L, 3L, 4L, 6L, 7L, 8L, 9L, 9L));
        List<SegmentPlace> places = new ArrayList<>();
        lastSeqs.forEach((firstSeq, lastSeq) -> {
            int at = 0;
            for (long seq = firstSeq; seq <= lastSeq; seq++) {
                int end = at + (int) archive.segment(seq).storedLength();
                places.add(new SegmentPlace(ObjectNames.log(firstSeq), seq, at, end));
                at = end;
            }
        });
        return places;
    }

    long lastTx() {
        return databases.size();
    }

    byte[] database(long tx) {
        return databases.get((int) tx - 1);
    }
}
