package dev.holdfast.storage.bucket;

import dev.holdfast.storage.ReadOutcome;
import dev.holdfast.storage.StoreException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A part of an object on its way into somebody's buffer.
///
/// Whoever waited for it may have given up, and use the buffer for something else: then what still
/// comes is not put there.
public final class RangedRead {
    // RFC 9110, 14.4
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d+)-(\\d+)/(\\d+)");

    private static final int CHUNK = 64 * 1024;

    private final String name;
    private final long offset;
    private final int room;
    private final ByteBuffer into;
    private final ReentrantLock use = new ReentrantLock();
    private boolean isClosed;

    /// @param into filled from its position on, as [dev.holdfast.storage.ObjectStore#read] says
    public RangedRead(String name, long offset, ByteBuffer into) {
        this.name = name;
        this.offset = offset;
        this.room = into.remaining();
        this.into = into;
    }

    /// As the header Range wants it.
    public String range() {
        return "bytes=" + offset + "-" + (offset + room - 1);
    }

    /// On the request's thread: checks that the answer is the one that was asked for, and reads it.
    ///
    /// @param contentRange the answer's header Content-Range
    /// @param contentLength as the answer promises
    public ReadOutcome.Read take(
            @Nullable String contentRange,
            @Nullable Long contentLength,
            InputStream body,
            AtomicLong progress)
            throws IOException {
        long objectBytes = objectBytes(contentRange, contentLength);
        int wanted = (int) Math.min(room, objectBytes - offset);
        byte[] chunk = new byte[Math.min(CHUNK, wanted)];
        int done = 0;
        while (done < wanted) {
            int count = body.read(chunk, 0, Math.min(chunk.length, wanted - done));
            if (count < 0) {
                throw new IOException(
                        "the answer for %s ends after %d bytes of %d"
                                .formatted(name, done, wanted));
            }
            put(chunk, count);
            done += count;
            progress.addAndGet(count);
        }
        return new ReadOutcome.Read(wanted, objectBytes);
    }

    private long objectBytes(@Nullable String contentRange, @Nullable Long contentLength)
            throws StoreException {
        if (contentRange == null && offset == 0 && contentLength != null && contentLength <= room) {
            return contentLength; // all of it, so that a server may leave the range out
        }
        Matcher range = CONTENT_RANGE.matcher(String.valueOf(contentRange));
        if (range.matches()) {
            long total = Long.parseLong(range.group(3));
            long last = Math.min(offset + room, total) - 1;
            if (Long.parseLong(range.group(1)) == offset
                    && Long.parseLong(range.group(2)) == last) {
                return total;
            }
        }
        throw new StoreException.Denied(
                "the store does not answer for a range of %s: found %s, wanted %s"
                        .formatted(name, contentRange, range()),
                "Use a server that knows ranged reads.",
                null);
    }

    private void put(byte[] chunk, int count) throws IOException {
        use.lock();
        try {
            if (isClosed) {
                throw new IOException("nobody waits for " + name + " any more");
            }
            into.put(chunk, 0, count);
        } finally {
            use.unlock();
        }
    }

    /// From here on the buffer is left alone.
    public void close() {
        use.lock();
        try {
            isClosed = true;
        } finally {
            use.unlock();
        }
    }
}
