package dev.holdfast.restore;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.archive.LogReader;

import java.io.IOException;
import java.util.Optional;

/// Reads the segment that was asked for, or says what is there instead.
public final class SegmentAt {
    private SegmentAt() {}

    /// The next header, which must be that of `seq`.
    public static SegmentHeader require(LogReader reader, long seq)
            throws IOException, FormatException {
        Optional<SegmentHeader> next = reader.next();
        if (next.isEmpty()) {
            throw new FormatException.MissingObject(
                    ObjectNames.log(seq), "the log ends before it, and it is needed");
        }
        SegmentHeader header = next.get();
        if (header.seq() != seq) {
            throw new FormatException.BadField(
                    reader.object().name(),
                    reader.offset(),
                    "seq",
                    String.valueOf(header.seq()),
                    String.valueOf(seq));
        }
        return header;
    }
}
