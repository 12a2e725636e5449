package dev.holdfast.restore;

import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.DeleteOutcome;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.ReadOutcome;
import dev.holdfast.storage.archive.LogObject;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// A store that fetches a run of log objects ahead of its reader, several at a time, in parts of at
/// most 1 MiB; all other calls go through. For one reader that goes forward.
///
/// Closing it leaves the store below open.
final class LogReadAhead implements ObjectStore {
    private static final int PART_BYTES = 1 << 20;
    private static final int PARTS_AHEAD = 12;

    /// A segment of some megabytes is read twice, first to prove its digest; few are larger than
    /// this.
    private static final int PARTS_BEHIND = 8;

    /// A part of an object, being fetched or there.
    private record Part(String object, long offset, long objectBytes, Future<ByteBuffer> bytes) {
        boolean holds(String name, long at) {
            return object.equals(name) && at >= offset && at < end();
        }

        long end() {
            return Math.min(offset + PART_BYTES, objectBytes);
        }
    }

    private final ObjectStore store;
    private final List<LogObject> objects;
    private final List<Part> parts = new ArrayList<>();

    /// Of parts that are behind, used again: as garbage they had the heap grow by 200 MB.
    private final Deque<ByteBuffer> free = new ArrayDeque<>();

    private final ExecutorService fetchers =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("restore-log-", 0).factory());
    private int nextObject;
    private long nextOffset;

    /// @param objects in the order in which they will be read
    LogReadAhead(ObjectStore store, List<LogObject> objects) {
        this.store = store;
        this.objects = List.copyOf(objects);
    }

    @Override
    public ReadOutcome read(String name, long offset, ByteBuffer into) throws IOException {
        int before = into.position();
        @Nullable Part part = partOf(name, offset);
        while (part != null && into.hasRemaining()) {
            ByteBuffer bytes = bytesOf(part);
            int from = (int) (offset + (into.position() - before) - part.offset());
            int count = Math.min(into.remaining(), bytes.limit() - from);
            if (count <= 0) {
                break;
            }
            into.put(into.position(), bytes, from, count).position(into.position() + count);
            long reached = offset + (into.position() - before);
            if (reached == part.objectBytes()) {
                return new ReadOutcome.Read(into.position() - before, part.objectBytes());
            }
            part = into.hasRemaining() ? partOf(name, reached) : part;
        }
        if (part != null && !into.hasRemaining()) {
            return new ReadOutcome.Read(into.position() - before, part.objectBytes());
        }
        return store.read(name, offset, into.position(before));
    }

    /// The part that holds a byte; null if it isn't among those that are kept. Fetches on.
    private @Nullable Part partOf(String name, long offset) {
        fetch();
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            if (part.holds(name, offset)) {
                drop(i - PARTS_BEHIND);
                fetch();
                return part;
            }
        }
        return null;
    }

    private void drop(int count) {
        for (int i = 0; i < count; i++) {
            Future<ByteBuffer> bytes = parts.removeFirst().bytes();
            // One that nobody waited for may still be filled
            if (bytes.state() == Future.State.SUCCESS) {
                free.push(bytes.resultNow());
            }
        }
    }

    private void fetch() {
        while (parts.size() < PARTS_BEHIND + PARTS_AHEAD && nextObject < objects.size()) {
            LogObject object = objects.get(nextObject);
            if (nextOffset >= object.bytes()) {
                nextObject++;
                nextOffset = 0;
                continue;
            }
            String name = object.name();
            long offset = nextOffset;
            int length = (int) Math.min(PART_BYTES, object.bytes() - offset);
            ByteBuffer into =
                    free.isEmpty() ? ByteBuffer.allocateDirect(PART_BYTES) : free.pop().clear();
            Future<ByteBuffer> bytes =
                    fetchers.submit(() -> fetch(name, offset, into.limit(length)));
            parts.add(new Part(name, offset, object.bytes(), bytes));
            nextOffset = offset + length;
        }
    }

    /// Fewer bytes than wanted if the object is not as it was listed: the reader then sees it as
    /// the store has it.
    private ByteBuffer fetch(String name, long offset, ByteBuffer into) throws IOException {
        store.read(name, offset, into);
        return into.flip();
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
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a restore", e);
        }
    }

    @Override
    public CreateOutcome create(String name, ObjectBody body) throws IOException {
        return store.create(name, body);
    }

    @Override
    public ObjectUpload upload(String name) throws IOException {
        return store.upload(name);
    }

    @Override
    public ListPage list(String prefix, @Nullable String startAfter, int limit) throws IOException {
        return store.list(prefix, startAfter, limit);
    }

    @Override
    public DeleteOutcome delete(String name) throws IOException {
        return store.delete(name);
    }

    @Override
    public String location() {
        return store.location();
    }

    /// Waits for what is being fetched.
    @Override
    public void close() {
        fetchers.close();
    }
}
