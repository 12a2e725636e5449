package dev.holdfast.restore;

import dev.holdfast.format.Codec;
import dev.holdfast.format.PageSize;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.TestArchive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/// The objects of an archive, name by name, to be damaged and stored again.
public record StoredObjects(Map<String, byte[]> contents) {
    /// Of the bytes before it.
    private static final int HEADER_CRC_AT = 124;

    /// What is in `store`.
    public static StoredObjects of(ObjectStore store) throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        for (ListPage.Entry entry : store.list("", null, 1_000).entries()) {
            byte[] content = new byte[(int) entry.bytes()];
            store.read(entry.name(), 0, ByteBuffer.wrap(content));
            contents.put(entry.name(), content);
        }
        return new StoredObjects(contents);
    }

    /// The objects of [TestArchive#ofEverything].
    public static StoredObjects ofEverything(long seed, Codec codec) throws IOException {
        InMemoryObjectStore store = new InMemoryObjectStore();
        try (TestArchive _ = TestArchive.ofEverything(store, seed, new PageSize(512), codec)) {
            return of(store);
        }
    }

    /// All names, in their order.
    public List<String> names() {
        return new ArrayList<>(contents.keySet());
    }

    /// One object's bytes.
    public byte[] get(String name) {
        byte[] content = contents.get(name);
        if (content == null) {
            throw new IllegalArgumentException("no object " + name);
        }
        return content;
    }

    /// Bytes of the largest.
    public int largest() {
        return contents.values().stream().mapToInt(content -> content.length).max().orElse(0);
    }

    /// The same but for one object.
    public StoredObjects with(String name, byte[] content) {
        Map<String, byte[]> changed = new TreeMap<>(contents);
        changed.put(name, content);
        return new StoredObjects(changed);
    }

    /// The same without one object.
    public StoredObjects without(String name) {
        Map<String, byte[]> changed = new TreeMap<>(contents);
        changed.remove(name);
        return new StoredObjects(changed);
    }

    /// The same with one bit of one object turned over.
    public StoredObjects withFlippedBit(String name, int bit) {
        byte[] content = get(name).clone();
        content[bit / 8] ^= (byte) (1 << bit % 8);
        return with(name, content);
    }

    /// The same with one bit of a segment's header turned over, and its checksum made right: only
    /// the digest shows it.
    ///
    /// @param begin of the segment in its object
    /// @param bit of the header
    public StoredObjects withLyingHeader(String name, int begin, int bit) {
        byte[] content = withFlippedBit(name, 8 * begin + bit).get(name);
        CRC32C crc = new CRC32C();
        crc.update(content, begin, HEADER_CRC_AT);
        ByteBuffer.wrap(content).putInt(begin + HEADER_CRC_AT, (int) crc.getValue());
        return with(name, content);
    }

    /// A store of these objects.
    public InMemoryObjectStore store() throws IOException {
        InMemoryObjectStore store = new InMemoryObjectStore();
        writeTo(store);
        return store;
    }

    /// Puts all of them into a store.
    public void writeTo(ObjectStore store) throws IOException {
        for (Map.Entry<String, byte[]> object : contents.entrySet()) {
            store.create(object.getKey(), ObjectBody.of(ByteBuffer.wrap(object.getValue())));
        }
    }
}
