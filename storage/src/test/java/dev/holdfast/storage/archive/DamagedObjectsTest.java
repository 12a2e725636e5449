package dev.holdfast.storage.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Each bit of each object flipped, and each object cut off at each length: refused by name, as a
/// [FormatException] and nothing else.
class DamagedObjectsTest {
    private static final PageSize PAGE = new PageSize(512);

    private final Map<ArchiveInfo, SegmentReader> readers = new HashMap<>();

    @ParameterizedTest
    @EnumSource(Codec.class)
    void anyFlippedBitIsRefusedByTheNameOfItsObject(Codec codec) throws Exception {
        InMemoryObjectStore store = smallArchive(codec);
        for (ListPage.Entry object : store.list("", null, 1000).entries()) {
            byte[] bytes = bytes(store, object);
            for (int bit = 0; bit < 8 * bytes.length; bit++) {
                byte[] damaged = bytes.clone();
                damaged[bit / 8] ^= (byte) (1 << bit % 8);
                requireRefused(store, object.name(), damaged, "bit " + bit);
            }
            replace(store, object.name(), bytes);
        }
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void anyTruncationIsRefusedByTheNameOfItsObject(Codec codec) throws Exception {
        InMemoryObjectStore store = smallArchive(codec);
        for (ListPage.Entry object : store.list("", null, 1000).entries()) {
            byte[] bytes = bytes(store, object);
            for (int length = 0; length < bytes.length; length++) {
                if (isEndOfSegment(object.name(), bytes, length)) {
                    continue;
                }
                requireRefused(
                        store, object.name(), Arrays.copyOf(bytes, length), "length " + length);
            }
            replace(store, object.name(), bytes);
        }
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void bytesThatFollowAreRefusedByTheNameOfTheirObject(Codec codec) throws Exception {
        InMemoryObjectStore store = smallArchive(codec);
        for (ListPage.Entry object : store.list("", null, 1000).entries()) {
            byte[] bytes = bytes(store, object);
            for (int more : new int[] {1, 31, 128, 200}) {
                requireRefused(
                        store,
                        object.name(),
                        Arrays.copyOf(bytes, bytes.length + more),
                        more + " more bytes");
            }
            replace(store, object.name(), bytes);
        }
    }

    /// An object that ends after a segment is whole; that the rest is missing shows in the next
    /// object, or nowhere.
    private static boolean isEndOfSegment(String name, byte[] bytes, int length) {
        if (!name.startsWith(ObjectNames.LOG)) {
            return false;
        }
        int end = 0;
        while (end < length) {
            end += 128 + (int) ByteBuffer.wrap(bytes).getLong(end + 112) + 32;
        }
        return end == length && length > 0;
    }

    private void requireRefused(InMemoryObjectStore store, String name, byte[] damaged, String how)
            throws IOException {
        replace(store, name, damaged);
        try {
            readAll(store, name);
        } catch (FormatException e) {
            assertThat(e.object()).as(name + ", " + how + ": " + e).isEqualTo(name);
            return;
        }
        fail("not refused: " + name + ", " + how);
    }

    private void readAll(InMemoryObjectStore store, String damaged)
            throws IOException, FormatException {
        Archive archive = ((OpenOutcome.Found) Archive.open(store)).archive();
        if (!damaged.startsWith(ObjectNames.SNAPSHOTS)) {
            readLog(archive);
        }
        if (damaged.startsWith(ObjectNames.SNAPSHOTS)) {
            long seq = ObjectNames.snapshotSeq(damaged).orElseThrow();
            SnapshotReader snapshot = archive.snapshot(seq);
            try (SnapshotReader.Blocks blocks = snapshot.blocks()) {
                for (int i = 0; i < snapshot.blockCount(); i++) {
                    blocks.read(i);
                }
            }
        }
    }

    /// By one reader for all, as its buffers take longer to make than these objects to read.
    private void readLog(Archive archive) throws IOException, FormatException {
        SegmentReader reader = readers.computeIfAbsent(archive.info(), SegmentReader::new);
        reader.forget();
        LogListing objects = archive.logObjects(1);
        for (Optional<LogObject> object = objects.next();
                object.isPresent();
                object = objects.next()) {
            reader.open(SegmentSource.of(archive.store(), object.get()), 0);
            boolean isEmpty = true;
            while (reader.next().isPresent()) {
                reader.decode(RecordVisitor.NONE);
                isEmpty = false;
            }
            if (isEmpty) {
                throw new FormatException.Truncated(object.get().name(), 0, "the object", 0, 1);
            }
        }
    }

    @AfterEach
    void closeReaders() {
        readers.values().forEach(SegmentReader::close);
    }

    private static InMemoryObjectStore smallArchive(Codec codec) throws IOException {
        InMemoryObjectStore store = new InMemoryObjectStore();
        try (TestArchive archive = new TestArchive(store, 1, PAGE, codec)) {
            archive.rebase(RebaseReason.FIRST, 5);
            archive.snapshot();
            archive.ship();
            archive.commits(1);
            archive.commits(2);
            archive.ship();
            archive.claim();
            archive.commits(1);
            archive.ship();
        }
        return store;
    }

    private static void replace(InMemoryObjectStore store, String name, byte[] content)
            throws IOException {
        store.delete(name);
        store.create(name, ObjectBody.of(ByteBuffer.wrap(content)));
    }

    private static byte[] bytes(InMemoryObjectStore store, ListPage.Entry object)
            throws IOException {
        ByteBuffer content = ByteBuffer.allocate((int) object.bytes());
        store.read(object.name(), 0, content);
        return content.array();
    }
}
