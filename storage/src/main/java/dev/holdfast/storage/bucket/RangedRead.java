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
    private static final Pattern CONTENT_RANGE =
            Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})");

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

    /// What an answer says of itself.
    ///
    /// @param range its header Content-Range
    /// @param length as it promises
    /// @param version by which only a store tells one object from another: ETag or generation
    public record Answer(@Nullable String range, @Nullable Long length, @Nullable String version) {}

    /// On the request's thread: checks that the answer is the one that was asked for, and reads it.
    public ReadOutcome.Read take(Answer answer, InputStream body, AtomicLong progress)
            throws IOException {
        long objectBytes = objectBytes(answer);
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

    private long objectBytes(Answer answer) throws StoreException {
        if (answer.range == null && answer.version == null) {
            throw new StoreException.Unavailable(
                    "the store has not said that what it gives is %s: there is no version in its"
                                    .formatted(name)
                            + " answer, and no range",
                    ConnectionFailures.LOOK_BETWEEN,
                    null);
        }
        @Nullable Long length = answer.range == null && offset == 0 ? answer.length : null;
        if (length != null && length >= 0 && length <= room) {
            return length; // all of it, so that a server may leave the range out
        }
        Matcher range = CONTENT_RANGE.matcher(String.valueOf(answer.range));
        if (range.matches()) {
            long total = Long.parseLong(range.group(3));
            long last = Math.min(offset + room, total) - 1;
            if (Long.parseLong(range.group(1)) == offset
                    && Long.parseLong(range.group(2)) == last
                    && offset <= total) {
                return total;
            }
        }
        throw new StoreException.Denied(
                "the store does not answer for a range of %s: found %s, wanted %s"
                        .formatted(name, answer.range, range()),
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
