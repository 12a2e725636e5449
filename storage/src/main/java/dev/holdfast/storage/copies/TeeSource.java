package dev.holdfast.storage.copies;

import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.archive.SegmentSource;

import java.io.IOException;
import java.nio.ByteBuffer;

/// A source up to an end, each of whose bytes is appended to an upload as it is read: from one
/// offset straight on.
final class TeeSource implements SegmentSource {
    private final SegmentSource source;
    private final long end;
    private final ObjectUpload upload;
    private long offset;

    TeeSource(SegmentSource source, long offset, long end, ObjectUpload upload) {
        this.source = source;
        this.offset = offset;
        this.end = end;
        this.upload = upload;
    }

    @Override
    public String object() {
        return source.object();
    }

    @Override
    public long bytes() {
        return end;
    }

    @Override
    public void read(long from, ByteBuffer into) throws IOException, FormatException {
        if (from != offset) {
            throw new IllegalStateException(
                    "read from " + from + " on, which would leave out what is from " + offset);
        }
        int begin = into.position();
        source.read(from, into);
        ByteBuffer bytes = into.duplicate().flip().position(begin);
        offset += bytes.remaining();
        upload.write(bytes);
    }
}
