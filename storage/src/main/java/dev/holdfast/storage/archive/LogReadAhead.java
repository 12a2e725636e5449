package dev.holdfast.storage.archive;

import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ReadOutcome;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/// The log's objects in their order, the next ones fetched while one is read: a log in a bucket is
/// many small objects, and whoever waited for the answer to each in turn would wait for hours. For
/// one reader that goes forward; owned by its thread.
///
/// What is not held is read from the store at once, so a reader may ask for anything.
public final class LogReadAhead implements AutoCloseable {
    /// How much of each object is fetched ahead.
    public enum Reach {
        /// What a reader of headers reads first, which is all of a small object. Begins with the
        /// second object that is taken, and with few: most readers want one.
        BEGINNINGS(64 << 10, 16, 0),
        /// All of it from where it is read first, in parts. A segment of some megabytes is read
        /// twice, first to prove its digest; few are larger than what is kept behind.
        BODIES(1 << 20, 20, 8);

        private final int partBytes;
        private final int mostParts;
        private final int partsBehind;

        Reach(int partBytes, int mostParts, int partsBehind) {
            this.partBytes = partBytes;
            this.mostParts = mostParts;
            this.partsBehind = partsBehind;
        }
    }

    /// Up to here a part's memory is left to the garbage collector, which frees what is larger
    /// late.
    private static final int SMALL_BYTES = 64 << 10;

    /// Of all readers together. Fewer than a process has requests to buckets under way: a store
    /// that hangs while it is read must not keep those that are shipped to waiting.
    static final int MOST_AT_ONCE = 12;

    private static final Semaphore AT_ONCE = new Semaphore(MOST_AT_ONCE, true);

    /// Where the objects come from.
    private interface Objects {
        Optional<LogObject> next() throws IOException;
    }

    /// A part of an object, being fetched or there.
    ///
    /// @param end offset behind it
    private record Part(
            LogObject object, long offset, long end, ByteBuffer memory, Future<ByteBuffer> bytes) {
        boolean holds(LogObject of, long at) {
            return object.equals(of) && at >= offset && at < end;
        }

        boolean isBefore(LogObject other, long at) {
            return object.equals(other) ? end <= at : object.firstSeq() < other.firstSeq();
        }
    }

    private final ObjectStore store;
    private final Objects objects;
    private final Reach reach;
    private final List<Part> parts = new ArrayList<>();

    /// Seen by the fetching, and not taken yet.
    private final Deque<LogObject> seen = new ArrayDeque<>();

    /// Of large parts that are behind, used again: as garbage they had the heap grow by 200 MB.
    private final Deque<ByteBuffer> free = new ArrayDeque<>();

    private @Nullable Arena arena;
    private final ExecutorService fetchers =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("holdfast-ahead-", 0).factory());

    private boolean isEnd;

    /// How many parts there may be now.
    private int window;

    private @Nullable LogObject fetching;
    private long nextOffset;

    private LogReadAhead(ObjectStore store, Objects objects, Reach reach) {
        this.store = store;
        this.objects = objects;
        this.reach = reach;
    }

    /// Of the objects that hold the segments from `fromSeq` to `lastSeq`.
    static LogReadAhead of(Archive archive, long fromSeq, long lastSeq, Reach reach)
            throws IOException {
        LogListing listing = archive.logObjects(fromSeq);
        return new LogReadAhead(
                archive.store(),
                () -> listing.next().filter(object -> object.firstSeq() <= lastSeq),
                reach);
    }

    /// Of all bytes of objects that were listed.
    public static LogReadAhead of(ObjectStore store, List<LogObject> objects) {
        Iterator<LogObject> listed = objects.iterator();
        return new LogReadAhead(
                store,
                () -> listed.hasNext() ? Optional.of(listed.next()) : Optional.empty(),
                Reach.BODIES);
    }

    /// Takes the next object; empty at the end.
    public Optional<LogObject> next() throws IOException {
        fetch();
        if (seen.isEmpty()) {
            see();
        }
        if (reach == Reach.BEGINNINGS) {
            window = Math.min(Math.max(2, 2 * window), reach.mostParts);
        }
        return Optional.ofNullable(seen.pollFirst());
    }

    /// One more object.
    ///
    /// @return whether there is one
    private boolean see() throws IOException {
        Optional<LogObject> next = isEnd ? Optional.empty() : objects.next();
        next.ifPresent(seen::addLast);
        isEnd = next.isEmpty();
        return !isEnd;
    }

    /// The bytes of an object that was taken.
    public SegmentSource source(LogObject object) {
        SegmentSource stored = SegmentSource.of(store, object);
        return new SegmentSource() {
            @Override
            public String object() {
                return stored.object();
            }

            @Override
            public long bytes() {
                return stored.bytes();
            }

            @Override
            public void read(long offset, ByteBuffer into) throws IOException, FormatException {
                int held = readHeld(object, offset, into);
                if (into.hasRemaining()) {
                    stored.read(offset + held, into);
                }
            }
        };
    }

    /// Puts what is held of it into `into`.
    ///
    /// @return how many bytes
    private int readHeld(LogObject object, long offset, ByteBuffer into) throws IOException {
        int before = into.position();
        @Nullable Part part = partOf(object, offset);
        while (part != null) {
            ByteBuffer bytes = bytesOf(part);
            int from = (int) (offset + (into.position() - before) - part.offset());
            int count = Math.min(into.remaining(), bytes.limit() - from);
            if (count <= 0) {
                break; // it is not as it was listed: the reader is to see it as the store has it
            }
            into.put(into.position(), bytes, from, count).position(into.position() + count);
            part = into.hasRemaining() ? partOf(object, offset + (into.position() - before)) : null;
        }
        return into.position() - before;
    }

    /// The part that holds a byte; null if it isn't among those that are held. Fetches on.
    private @Nullable Part partOf(LogObject object, long offset) throws IOException {
        @Nullable Part held = heldPartOf(object, offset);
        if (held != null || reach == Reach.BEGINNINGS) {
            return held;
        }
        // It begins here, or has left out what was fetched
        int before = 0;
        while (before < parts.size() && parts.get(before).isBefore(object, offset)) {
            before++;
        }
        drop(before);
        LogObject at = fetching;
        if (at == null
                || at.firstSeq() < object.firstSeq()
                || (at.equals(object) && nextOffset < offset)) {
            fetching = object;
            nextOffset = offset;
        }
        window = reach.mostParts;
        fetch();
        return heldPartOf(object, offset);
    }

    private @Nullable Part heldPartOf(LogObject object, long offset) throws IOException {
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            if (part.holds(object, offset)) {
                drop(i - reach.partsBehind);
                fetch();
                return part;
            }
        }
        return null;
    }

    private void drop(int count) {
        for (int i = 0; i < count; i++) {
            Part part = parts.removeFirst();
            if (part.memory.isDirect()) {
                awaitEnd(part); // it may still be filled
                free.push(part.memory);
            }
        }
    }

    private static void awaitEnd(Part part) {
        try {
            ByteBuffer _ = bytesOf(part);
        } catch (IOException | RuntimeException _) {
            // Nobody wants it
        }
    }

    private void fetch() throws IOException {
        while (parts.size() < window) {
            LogObject object = fetching;
            if (object == null || nextOffset >= lengthOf(object)) {
                if (!see()) {
                    return;
                }
                fetching = seen.getLast();
                nextOffset = 0;
                continue;
            }
            long offset = nextOffset;
            int length = (int) Math.min(reach.partBytes, object.bytes() - offset);
            ByteBuffer into = buffer(length);
            nextOffset = offset + length;
            parts.add(
                    new Part(
                            object,
                            offset,
                            nextOffset,
                            into,
                            fetchers.submit(() -> fetch(object.name(), offset, into))));
        }
    }

    /// How much of an object is fetched ahead.
    private long lengthOf(LogObject object) {
        return reach == Reach.BODIES ? object.bytes() : Math.min(object.bytes(), reach.partBytes);
    }

    private ByteBuffer buffer(int length) {
        if (length <= SMALL_BYTES) {
            return ByteBuffer.allocate(length);
        }
        if (!free.isEmpty()) {
            return free.pop().clear().limit(length);
        }
        Arena memory = arena == null ? Arena.ofShared() : arena;
        arena = memory;
        return memory.allocate(reach.partBytes).asByteBuffer().limit(length);
    }

    private ByteBuffer fetch(String name, long offset, ByteBuffer into) throws IOException {
        AT_ONCE.acquireUninterruptibly();
        try {
            ReadOutcome _ = store.read(name, offset, into);
            return into.flip();
        } finally {
            AT_ONCE.release();
        }
    }

    private static ByteBuffer bytesOf(Part part) throws IOException {
        try {
            return part.bytes().get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case null, default -> throw new IOException(e);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted at " + part.object().name());
        }
    }

    /// Waits for what is being fetched.
    @Override
    public void close() {
        fetchers.close();
        if (arena != null) {
            arena.close();
        }
    }
}
