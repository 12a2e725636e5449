package dev.holdfast.storage;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/// Objects in a map, for tests: nothing fails, nothing waits, and every request is counted.
public final class InMemoryObjectStore implements ObjectStore {
    /// What a store's bill tells apart.
    public enum Request {
        CREATE,
        UPLOAD,
        READ,
        LIST,
        DELETE
    }

    private final Place place;
    private final Map<Request, LongAdder> requests = new ConcurrentHashMap<>();
    private final LongAccumulator largestRead = new LongAccumulator(Math::max, 0);

    /// An empty place of its own.
    public InMemoryObjectStore() {
        this(new Place(new ConcurrentSkipListMap<>(), new ConcurrentHashMap<>()));
    }

    private InMemoryObjectStore(Place place) {
        this.place = place;
    }

    /// Another store on the same objects, as another process would have it. Counts its own
    /// requests.
    public InMemoryObjectStore another() {
        return new InMemoryObjectStore(place);
    }

    /// From now on the object can't be deleted.
    public void retain(String name, String why) {
        place.retained.put(name, why);
    }

    public long requests(Request kind) {
        return requests.getOrDefault(kind, new LongAdder()).sum();
    }

    /// The most bytes that one read had room for.
    public long largestRead() {
        return largestRead.get();
    }

    @Override
    public CreateOutcome create(String name, ObjectBody body) throws IOException {
        StoreNames.check(name);
        count(Request.CREATE);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        body.writeTo(Channels.newChannel(content));
        if (content.size() != body.bytes()) {
            throw new IOException("body of " + content.size() + " bytes promised " + body.bytes());
        }
        return place.put(name, content.toByteArray());
    }

    @Override
    public ObjectUpload upload(String name) {
        StoreNames.check(name);
        count(Request.UPLOAD);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        return new ObjectUpload() {
            private boolean isCommitted;

            @Override
            public void write(ByteBuffer bytes) {
                byte[] copy = new byte[bytes.remaining()];
                bytes.get(copy);
                content.writeBytes(copy);
            }

            @Override
            public CreateOutcome commit() {
                if (isCommitted) {
                    throw new IllegalStateException("committed before: " + name);
                }
                isCommitted = true;
                return place.put(name, content.toByteArray());
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public ReadOutcome read(String name, long offset, ByteBuffer into) {
        StoreNames.check(name);
        if (offset < 0) {
            throw new IllegalArgumentException("offset " + offset);
        }
        count(Request.READ);
        largestRead.accumulate(into.remaining());
        byte[] content = place.objects.get(name);
        if (content == null) {
            return new ReadOutcome.NotFound();
        }
        int count = Math.clamp(content.length - offset, 0, into.remaining());
        if (count > 0) {
            into.put(content, Math.toIntExact(offset), count);
        }
        return new ReadOutcome.Read(count, content.length);
    }

    @Override
    public ListPage list(String prefix, @Nullable String startAfter, int limit) {
        StoreNames.checkPrefix(prefix);
        StoreNames.checkLimit(limit);
        count(Request.LIST);
        NavigableMap<String, byte[]> from = place.objects.tailMap(prefix, true);
        NavigableMap<String, byte[]> rest =
                startAfter == null || startAfter.compareTo(prefix) < 0
                        ? from
                        : place.objects.tailMap(startAfter, false);
        List<ListPage.Entry> entries = new ArrayList<>();
        for (Map.Entry<String, byte[]> object : rest.entrySet()) {
            if (!object.getKey().startsWith(prefix)) {
                break;
            }
            if (entries.size() == limit) {
                return new ListPage(entries, true);
            }
            entries.add(new ListPage.Entry(object.getKey(), object.getValue().length));
        }
        return new ListPage(entries, false);
    }

    @Override
    public DeleteOutcome delete(String name) {
        StoreNames.check(name);
        count(Request.DELETE);
        String why = place.retained.get(name);
        if (why != null) {
            return new DeleteOutcome.Retained(why);
        }
        return place.objects.remove(name) == null
                ? new DeleteOutcome.NotFound()
                : new DeleteOutcome.Deleted();
    }

    @Override
    public String location() {
        return "memory:";
    }

    @Override
    public void close() {}

    private void count(Request kind) {
        requests.computeIfAbsent(kind, _ -> new LongAdder()).increment();
    }

    private record Place(
            ConcurrentSkipListMap<String, byte[]> objects, Map<String, String> retained) {
        CreateOutcome put(String name, byte[] content) {
            return objects.putIfAbsent(name, content) == null
                    ? new CreateOutcome.Created()
                    : new CreateOutcome.AlreadyExists();
        }
    }
}
