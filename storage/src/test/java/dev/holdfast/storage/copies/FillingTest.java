package dev.holdfast.storage.copies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.Codec;
import dev.holdfast.format.Digest;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ForwardingStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogReader;
import dev.holdfast.storage.archive.OpenOutcome;
import dev.holdfast.storage.archive.TestArchive;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;

final class FillingTest {
    private static final PageSize PAGE_SIZE = new PageSize(512);

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final InMemoryObjectStore source = new InMemoryObjectStore();
    private final InMemoryObjectStore copy = new InMemoryObjectStore();

    @BeforeEach
    void printSeed() {
        System.getLogger(getClass().getName()).log(System.Logger.Level.INFO, "seed=" + seed);
    }

    /// Counts objects, and stops after some.
    private static final class Stopping implements Filling.Watch {
        private final List<String> stored = new ArrayList<>();
        private final List<String> damaged = new ArrayList<>();
        private int stepsLeft;

        Stopping(int steps) {
            this.stepsLeft = steps;
        }

        @Override
        public void checkStop() throws IOException {
            if (stepsLeft-- == 0) {
                throw new InterruptedIOException("stopped");
            }
        }

        @Override
        public void stored(Copied.Stored object, long lastSeq) {
            stored.add(object.name());
        }

        @Override
        public void damaged(FormatException snapshot) {
            damaged.add(snapshot.object());
        }
    }

    private static Archive open(ObjectStore store) throws IOException {
        try {
            if (Archive.open(store) instanceof OpenOutcome.Found(Archive archive)) {
                return archive;
            }
        } catch (FormatException e) {
            throw new AssertionError(e);
        }
        throw new AssertionError("no archive");
    }

    private Archive begunCopy() throws IOException {
        assertThat(Archive.create(copy, open(source).info())).isNotNull();
        return open(copy);
    }

    private Stopping fill(Archive to, int steps) throws IOException, FormatException {
        Stopping watch = new Stopping(steps);
        long _ = new Filling(open(source), to, watch).run(1);
        return watch;
    }

    /// Digest by digest, which is byte by byte; the chain on the way.
    private static List<Digest> segments(ObjectStore store) throws IOException, FormatException {
        List<Digest> digests = new ArrayList<>();
        try (LogReader reader = open(store).log(1)) {
            for (Optional<SegmentHeader> next = reader.next();
                    next.isPresent();
                    next = reader.next()) {
                reader.verify();
                digests.add(reader.digest());
            }
        }
        return digests;
    }

    private static byte[] object(ObjectStore store, String name) throws IOException {
        for (ListPage.Entry entry : store.list(name, null, 1).entries()) {
            ByteBuffer bytes = ByteBuffer.allocate((int) entry.bytes());
            assertThat(store.read(name, 0, bytes)).isNotNull();
            return bytes.array();
        }
        throw new AssertionError("no " + name);
    }

    private static List<String> names(ObjectStore store, String prefix) throws IOException {
        return store.list(prefix, null, 1_000).entries().stream()
                .map(ListPage.Entry::name)
                .toList();
    }

    private void assertFilled() throws IOException, FormatException {
        assertThat(segments(copy)).isEqualTo(segments(source));
        List<String> snapshots = names(source, ObjectNames.SNAPSHOTS);
        assertThat(names(copy, ObjectNames.SNAPSHOTS)).isEqualTo(snapshots);
        for (String snapshot : snapshots) {
            assertThat(object(copy, snapshot)).as(snapshot).isEqualTo(object(source, snapshot));
        }
    }

    private void damage(String name, int bit) throws IOException {
        byte[] bytes = object(source, name);
        bytes[bit / 8] ^= (byte) (1 << bit % 8);
        assertThat(source.delete(name)).isNotNull();
        assertThat(source.create(name, ObjectBody.of(ByteBuffer.wrap(bytes)))).isNotNull();
    }

    @Test
    void anEmptyCopyGetsEverythingInFewerObjects() throws Exception {
        try (TestArchive _ = TestArchive.ofEverything(source, seed, PAGE_SIZE, Codec.ZSTD)) {
            assertThat(fill(begunCopy(), -1).damaged).isEmpty();
            assertFilled();
            assertThat(names(copy, ObjectNames.LOG))
                    .hasSizeLessThan(names(source, ObjectNames.LOG).size());
        }
    }

    /// After each step it goes on from where it was, and each snapshot follows its log.
    @Test
    void itGoesOnWhereItWasStopped() throws Exception {
        try (TestArchive _ = TestArchive.ofEverything(source, seed, PAGE_SIZE, Codec.ZSTD)) {
            Archive to = begunCopy();
            int stops = 0;
            boolean isDone = false;
            for (int steps = 1; !isDone; steps++) {
                try {
                    assertThat(fill(to, steps).damaged).isEmpty();
                    isDone = true;
                } catch (InterruptedIOException _) {
                    stops++;
                    long end = to.end(1).map(it -> it.last().seq()).orElse(0L);
                    for (long snapshot : to.snapshots()) {
                        assertThat(to.snapshot(snapshot).footer().consistentAt())
                                .isLessThanOrEqualTo(end);
                    }
                }
            }
            assertThat(stops).isPositive();
            assertFilled();
        }
    }

    /// Objects end elsewhere in it.
    @Test
    void itGoesOnInTheMidstOfAnObjectOfTheOther() throws Exception {
        try (TestArchive written = new TestArchive(source, seed, PAGE_SIZE, Codec.ZSTD)) {
            written.rebase(RebaseReason.FIRST, 3);
            written.commits(1);
            written.commits(2);
            written.commits(1);
            written.ship();
            for (long last = 1; last <= 4; last++) {
                InMemoryObjectStore part = new InMemoryObjectStore();
                assertThat(Archive.create(part, written.info())).isNotNull();
                try (LogCopier copier =
                        new LogCopier(open(source), part, 1, last, written.info().digest())) {
                    assertThat(copier.copy()).isInstanceOf(Copied.Stored.class);
                    assertThat(copier.copy()).isInstanceOf(Copied.Nothing.class);
                }
                assertThat(segments(part)).isEqualTo(segments(source).subList(0, (int) last));
                long _ = new Filling(open(source), open(part), new Stopping(-1)).run(1);
                assertThat(segments(part)).isEqualTo(segments(source));
            }
        }
    }

    @Test
    void nothingDamagedIsSpread() throws Exception {
        try (TestArchive _ = TestArchive.ofEverything(source, seed, PAGE_SIZE, Codec.ZSTD)) {
            String second = names(source, ObjectNames.LOG).get(1);
            long firstSeq = ObjectNames.logSeq(second).orElseThrow();
            int bits = 8 * object(source, second).length;
            damage(second, new SplittableRandom(seed).nextInt(bits));
            assertThatThrownBy(() -> fill(begunCopy(), -1))
                    .isInstanceOfSatisfying(
                            FormatException.class, e -> assertThat(e.object()).isEqualTo(second));
            assertThat(segments(copy)).hasSizeLessThan((int) firstSeq);
        }
    }

    @Test
    void aDamagedSnapshotIsToldAndLeftOut() throws Exception {
        try (TestArchive _ = TestArchive.ofEverything(source, seed, PAGE_SIZE, Codec.ZSTD)) {
            String snapshot = names(source, ObjectNames.SNAPSHOTS).get(1);
            int bits = 8 * object(source, snapshot).length;
            damage(snapshot, new SplittableRandom(seed).nextInt(bits));
            assertThat(fill(begunCopy(), -1).damaged).containsExactly(snapshot);
            assertThat(segments(copy)).isEqualTo(segments(source));
            assertThat(names(copy, ObjectNames.SNAPSHOTS)).doesNotContain(snapshot).isNotEmpty();
        }
    }

    @Test
    void anotherLogIsNotMixedWithIt() throws Exception {
        try (TestArchive written = new TestArchive(source, seed, PAGE_SIZE, Codec.ZSTD);
                TestArchive other = new TestArchive(copy, seed, PAGE_SIZE, Codec.ZSTD)) {
            written.rebase(RebaseReason.FIRST, 3);
            written.commits(1);
            written.commits(2);
            written.ship();
            other.rebase(RebaseReason.FIRST, 3);
            other.commits(2);
            other.ship();
            List<Digest> before = segments(copy);
            assertThatThrownBy(() -> fill(open(copy), -1))
                    .isInstanceOf(SidecarException.CorruptArchive.class)
                    .hasMessageContaining("different logs")
                    .hasMessageContaining("of segment 2");
            assertThat(segments(copy)).isEqualTo(before);
        }
    }

    @Test
    void whoeverStoresTheSameMeanwhileIsNotInTheWay() throws Exception {
        try (TestArchive written = new TestArchive(source, seed, PAGE_SIZE, Codec.ZSTD)) {
            written.rebase(RebaseReason.FIRST, 3);
            for (int i = 0; i < 5; i++) {
                written.commits(1);
                written.ship();
            }
            Archive to = begunCopy();
            Filling.Watch racing =
                    new Filling.Watch() {
                        private boolean isBegun;

                        @Override
                        public void checkStop() throws IOException {
                            if (isBegun) {
                                return;
                            }
                            isBegun = true;
                            try (LogCopier copier =
                                    new LogCopier(
                                            open(source), copy, 1, 2, written.info().digest())) {
                                assertThat(copier.copy()).isInstanceOf(Copied.Stored.class);
                            } catch (FormatException e) {
                                throw new AssertionError(e);
                            }
                        }

                        @Override
                        public void stored(Copied.Stored object, long lastSeq) {
                            // counted by others
                        }

                        @Override
                        public void damaged(FormatException snapshot) {
                            throw new AssertionError(snapshot);
                        }
                    };
            assertThat(new Filling(open(source), to, racing).run(1)).isEqualTo(6);
            assertFilled();
        }
    }

    /// Puts together something else than it was sent, under names that begin so, and does not call
    /// it stored.
    private static final class WrongParts extends ForwardingStore {
        private final String prefix;
        private final Random random;

        WrongParts(ObjectStore store, String prefix, long seed) {
            super(store);
            this.prefix = prefix;
            this.random = new Random(seed);
        }

        @Override
        public ObjectUpload upload(String name) throws IOException {
            return name.startsWith(prefix) ? wrong(name) : super.upload(name);
        }

        private ObjectUpload wrong(String name) {
            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            return new ObjectUpload() {
                @Override
                public void write(ByteBuffer bytes) {
                    while (bytes.hasRemaining()) {
                        sent.write(bytes.get());
                    }
                }

                @Override
                public CreateOutcome commit() throws IOException {
                    byte[] made = sent.toByteArray();
                    made[random.nextInt(made.length)] ^= 1;
                    assertThat(create(name, ObjectBody.of(ByteBuffer.wrap(made))))
                            .isInstanceOf(CreateOutcome.Created.class);
                    return new CreateOutcome.AlreadyExists();
                }

                @Override
                public void close() {
                    // nothing is held
                }
            };
        }
    }

    private void assertDamageOfTheCopyIsTold(String prefix) throws Exception {
        Archive to = Archive.of(new WrongParts(copy, prefix, seed), begunCopy().info());
        assertThatThrownBy(() -> fill(to, -1))
                .isInstanceOfSatisfying(
                        SidecarException.CorruptArchive.class,
                        e -> {
                            assertThat(e).hasMessageContaining(prefix);
                            assertThat(e.remedy()).contains("verify on " + copy.location());
                        });
    }

    @Test
    void aLogThatTheServerPutTogetherWronglyIsNotCalledCopied() throws Exception {
        try (TestArchive _ = TestArchive.ofEverything(source, seed, PAGE_SIZE, Codec.ZSTD)) {
            assertDamageOfTheCopyIsTold(ObjectNames.LOG);
        }
    }

    @Test
    void aSnapshotThatTheServerPutTogetherWronglyIsNotCalledCopied() throws Exception {
        try (TestArchive _ = TestArchive.ofEverything(source, seed, PAGE_SIZE, Codec.ZSTD)) {
            assertDamageOfTheCopyIsTold(ObjectNames.SNAPSHOTS);
        }
    }
}
