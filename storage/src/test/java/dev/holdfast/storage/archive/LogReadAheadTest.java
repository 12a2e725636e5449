package dev.holdfast.storage.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.DeleteOutcome;
import dev.holdfast.storage.ForwardingStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.InMemoryObjectStore.Request;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ReadOutcome;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// What is read through it is what the store has, whatever is asked for and in which order; and who
/// walks over many objects does not wait for each answer.
final class LogReadAheadTest {
    private static final int MB = 1 << 20;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);
    private final InMemoryObjectStore store = new InMemoryObjectStore();

    private byte[] put(long seq, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        CreateOutcome _ =
                store.create(ObjectNames.log(seq), ObjectBody.of(ByteBuffer.wrap(content)));
        return content;
    }

    private static byte[] read(SegmentSource source, long offset, int count)
            throws IOException, FormatException {
        ByteBuffer into = ByteBuffer.allocate(count);
        source.read(offset, into);
        return into.array();
    }

    @Test
    void whateverIsAskedForIsWhatTheStoreHas() throws Exception {
        List<LogObject> objects = new ArrayList<>();
        List<byte[]> contents = new ArrayList<>();
        for (int seq = 1; seq <= 60; seq++) {
            int bytes =
                    random.nextInt(4) == 0 ? random.nextInt(1, 4 * MB) : random.nextInt(1, 4096);
            contents.add(put(seq, bytes));
            objects.add(new LogObject(seq, bytes));
        }
        try (LogReadAhead ahead = LogReadAhead.of(store, objects)) {
            for (int i = 0; i < objects.size(); i++) {
                assertThat(ahead.next()).contains(objects.get(i));
                int asked = random.nextInt(i + 1);
                for (int object : new int[] {i, i, i, asked}) {
                    byte[] content = contents.get(object);
                    int from = random.nextInt(content.length);
                    int count = random.nextInt(content.length - from + 1);
                    assertThat(read(ahead.source(objects.get(object)), from, count))
                            .as("seed %d: %d bytes at %d of %s", seed, count, from, objects.get(i))
                            .isEqualTo(Arrays.copyOfRange(content, from, from + count));
                }
            }
            assertThat(ahead.next()).isEmpty();
            assertThat(ahead.next()).isEmpty();
        }
    }

    @Test
    void whoReadsOnceFromBeginToEndFetchesNothingTwice() throws Exception {
        List<LogObject> objects = new ArrayList<>();
        int parts = 0;
        for (int seq = 1; seq <= 40; seq++) {
            int bytes = random.nextInt(1, 3 * MB);
            byte[] _ = put(seq, bytes);
            objects.add(new LogObject(seq, bytes));
            parts += (bytes + MB - 1) / MB;
        }
        try (LogReadAhead ahead = LogReadAhead.of(store, objects)) {
            for (Optional<LogObject> next = ahead.next(); next.isPresent(); next = ahead.next()) {
                SegmentSource source = ahead.source(next.get());
                for (long at = 0; at < source.bytes(); at += 64 << 10) {
                    byte[] _ = read(source, at, (int) Math.min(64 << 10, source.bytes() - at));
                }
            }
        }
        assertThat(store.requests(Request.READ)).as("seed %d", seed).isEqualTo(parts);
    }

    @Test
    void whoBeginsInTheMidstOfALargeObjectHasTheNextOnesFetchedToo() throws Exception {
        byte[] first = put(1, 40 * MB);
        List<LogObject> objects = new ArrayList<>();
        objects.add(new LogObject(1, first.length));
        for (int seq = 2; seq <= 60; seq++) {
            byte[] _ = put(seq, 100);
            objects.add(new LogObject(seq, 100));
        }
        Gathering gathering = new Gathering(store, 2, LogReadAhead.MOST_AT_ONCE);
        try (LogReadAhead ahead = LogReadAhead.of(gathering, objects)) {
            assertThat(ahead.next()).contains(objects.getFirst());
            SegmentSource source = ahead.source(objects.getFirst());
            int middle = 30 * MB + 5;
            assertThat(read(source, 0, 10)).isEqualTo(Arrays.copyOf(first, 10));
            for (int at = middle; at < first.length; at += MB / 2) {
                int end = Math.min(first.length, at + MB / 2);
                assertThat(read(source, at, end - at))
                        .isEqualTo(Arrays.copyOfRange(first, at, end));
            }
            for (LogObject object : objects.subList(1, objects.size())) {
                assertThat(ahead.next()).contains(object);
                assertThat(read(ahead.source(object), 0, 100)).hasSize(100);
            }
        }
    }

    @Test
    void anObjectThatIsShorterThanListedOrGoneIsNamed() throws Exception {
        byte[] _ = put(1, 100);
        byte[] _ = put(2, 3 * MB);
        List<LogObject> listed =
                List.of(new LogObject(1, 101), new LogObject(2, 3 * MB), new LogObject(3, 10));
        DeleteOutcome _ = store.delete(ObjectNames.log(2));
        try (LogReadAhead ahead = LogReadAhead.of(store, listed)) {
            for (LogObject object : listed) {
                assertThat(ahead.next()).contains(object);
                SegmentSource source = ahead.source(object);
                assertThatThrownBy(() -> read(source, 0, (int) object.bytes()))
                        .as(object.name())
                        .isInstanceOf(
                                object.firstSeq() == 1
                                        ? FormatException.Truncated.class
                                        : FormatException.MissingObject.class)
                        .hasMessageContaining(object.name());
            }
        }
    }

    @Test
    void aFailureIsToldOnceTheReaderIsThere() throws Exception {
        byte[] first = put(1, 100);
        byte[] _ = put(2, 100);
        ObjectStore broken =
                new ForwardingStore(store) {
                    @Override
                    public ReadOutcome read(String name, long offset, ByteBuffer into)
                            throws IOException {
                        if (name.equals(ObjectNames.log(2))) {
                            throw new IOException("no answer");
                        }
                        return super.read(name, offset, into);
                    }
                };
        List<LogObject> listed = List.of(new LogObject(1, 100), new LogObject(2, 100));
        try (LogReadAhead ahead = LogReadAhead.of(broken, listed)) {
            assertThat(ahead.next()).contains(listed.getFirst());
            assertThat(read(ahead.source(listed.getFirst()), 0, 100)).isEqualTo(first);
            assertThat(ahead.next()).contains(listed.getLast());
            assertThatThrownBy(() -> read(ahead.source(listed.getLast()), 0, 100))
                    .hasMessage("no answer");
        }
    }

    /// Answers for none of the objects that begin at or behind a segment before so many are asked
    /// for.
    private static final class Gathering extends ForwardingStore {
        private final long fromSeq;
        private final CountDownLatch together;

        Gathering(ObjectStore store, long fromSeq, int together) {
            super(store);
            this.fromSeq = fromSeq;
            this.together = new CountDownLatch(together);
        }

        @Override
        public ReadOutcome read(String name, long offset, ByteBuffer into) throws IOException {
            if (ObjectNames.logSeq(name).orElse(0) >= fromSeq) {
                together.countDown();
                try {
                    if (!together.await(30, TimeUnit.SECONDS)) {
                        throw new IOException("nothing else was asked for beside " + name);
                    }
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
            return super.read(name, offset, into);
        }
    }

    /// An archive of so many log objects of a segment each, behind a store.
    private Archive archive(int objects, ObjectStore behind) throws IOException {
        try (TestArchive archive = new TestArchive(store, seed, new PageSize(512), Codec.ZSTD)) {
            archive.rebase(RebaseReason.FIRST, 20);
            archive.ship();
            for (int i = 1; i < objects; i++) {
                archive.commits(1);
                archive.ship();
            }
        }
        return Archive.of(behind, TestArchive.info(seed));
    }

    @Test
    void whoWalksOverHeadersHasManyObjectsAskedForAtOnce() throws Exception {
        try (LogReader log =
                archive(100, new Gathering(store, 20, LogReadAhead.MOST_AT_ONCE)).log(1)) {
            assertThat(count(log)).isEqualTo(100);
        }
    }

    private static long count(LogReader log) throws IOException, FormatException {
        long segments = 0;
        while (log.next().isPresent()) {
            log.skip();
            segments++;
        }
        return segments;
    }

    @Test
    void whoReadsAStretchReadsNothingBehindIt() throws Exception {
        List<String> read = new CopyOnWriteArrayList<>();
        ObjectStore watched =
                new ForwardingStore(store) {
                    @Override
                    public ReadOutcome read(String name, long offset, ByteBuffer into)
                            throws IOException {
                        read.add(name);
                        return super.read(name, offset, into);
                    }
                };
        try (LogReader log = archive(100, watched).bodies(1, 40)) {
            assertThat(count(log)).isEqualTo(40);
        }
        assertThat(read).hasSize(40).allMatch(name -> name.compareTo(ObjectNames.log(40)) <= 0);
    }

    @Test
    void whoWantsOneSegmentAsksForOneObject() throws Exception {
        Archive archive = archive(100, store);
        assertThat(archive.segment(50)).isPresent();
        assertThat(store.requests(Request.READ)).isEqualTo(1);
    }
}
