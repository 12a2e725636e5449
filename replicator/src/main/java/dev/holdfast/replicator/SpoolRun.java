package dev.holdfast.replicator;

import dev.holdfast.storage.ObjectBody;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.List;

/// A log object: segments that follow one another, out of the spool.
record SpoolRun(List<SpoolEntry> entries) implements ObjectBody {
    @Override
    public long bytes() {
        return entries.stream().mapToLong(entry -> entry.header().storedLength()).sum();
    }

    @Override
    public void writeTo(WritableByteChannel out) throws IOException {
        for (SpoolEntry entry : entries) {
            ObjectBody.of(entry.file().channel(), entry.offset(), entry.header().storedLength())
                    .writeTo(out);
        }
    }
}
