package dev.holdfast.restore.history;

import dev.holdfast.format.Digest;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.restore.ArchiveReading;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogReader;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Optional;
import java.util.SortedMap;

/// How far an archive's log is the one that a writer captured, after another writer went on with
/// it.
public final class SharedLog {
    private SharedLog() {}

    /// The last of the writer's segments that is in the archive: behind it the two have parted. One
    /// before the first if none is.
    ///
    /// @param own digests of the writer's segments, at least one, by their seqs
    public static long end(ObjectStore store, SortedMap<Long, Digest> own) {
        return ArchiveReading.in(store, archive -> end(archive, own));
    }

    private static long end(Archive archive, SortedMap<Long, Digest> own) throws IOException {
        long end = own.firstKey() - 1;
        try (LogReader log = archive.log(own.firstKey())) {
            for (Optional<SegmentHeader> next = log.next(); next.isPresent(); next = log.next()) {
                log.skip();
                @Nullable Digest digest = own.get(next.get().seq());
                if (digest == null || !log.digest().equals(digest)) {
                    break;
                }
                end = next.get().seq();
            }
        } catch (FormatException _) {
            // What is damaged or missing is not there; ArchiveStatus tells of it
        }
        return end;
    }
}
