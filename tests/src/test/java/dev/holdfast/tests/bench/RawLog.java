package dev.holdfast.tests.bench;

import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.FileObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogReader;
import dev.holdfast.storage.archive.OpenOutcome;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// What an archive's log was before it was compressed.
final class RawLog {
    private RawLog() {}

    /// Bytes of all its pages.
    static long bytes(Path archive) throws IOException {
        try (FileObjectStore store = FileObjectStore.openForReading(archive)) {
            if (!(Archive.open(store) instanceof OpenOutcome.Found(Archive found))) {
                throw new IOException("no archive in " + archive);
            }
            long bytes = 0;
            try (LogReader log = found.log(1)) {
                for (Optional<SegmentHeader> next = log.next();
                        next.isPresent();
                        next = log.next()) {
                    bytes += next.get().rawLength();
                }
            }
            return bytes;
        } catch (FormatException e) {
            throw new IOException(e);
        }
    }
}
