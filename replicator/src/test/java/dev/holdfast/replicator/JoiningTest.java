package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.LimitedDisk;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogEnd;
import dev.holdfast.storage.archive.LogObject;
import dev.holdfast.storage.state.LogPoint;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What a store may hold that is to become one of several destinations.
final class JoiningTest {
    private static final int SEGMENTS = 12;

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @TempDir private Path folder;
    private Spool spool;

    @BeforeEach
    void fill() throws IOException {
        spool = spool("spool", 7);
    }

    @AfterEach
    void close() throws IOException {
        spool.close();
    }

    private Spool spool(String name, long writer) throws IOException {
        Spool filled = Spool.open(folder.resolve(name), new LimitedDisk(), TestSpool.FILE_BYTES);
        try (LogWriter log =
                new LogWriter(
                        TestSpool.ARCHIVE.id(),
                        new WriterId(writer),
                        Codec.ZSTD,
                        Timekeeper.system(),
                        filled,
                        LogPoint.beginning(TestSpool.ARCHIVE),
                        SourcePosition.NOWHERE,
                        () -> {},
                        _ -> {})) {
            for (int i = 0; i < SEGMENTS; i++) {
                TestSpool.addBase(log);
            }
        }
        return filled;
    }

    /// Stores what a spool has up to a segment, one in an object.
    private void store(Spool from, long lastSeq) throws IOException {
        if (names().isEmpty()) {
            assertThat(Archive.create(store, TestSpool.ARCHIVE)).isNotNull();
        }
        for (SpoolEntry entry : from.from(1)) {
            if (entry.seq() <= lastSeq) {
                ObjectBody body =
                        ObjectBody.of(
                                entry.file().channel(),
                                entry.offset(),
                                entry.header().storedLength());
                assertThat(store.create(ObjectNames.log(entry.seq()), body)).isNotNull();
            }
        }
    }

    private List<String> names() {
        return StoredLog.names(store);
    }

    private OwnLog own() {
        return new OwnLog(spool, Optional.empty());
    }

    private Joining.Outcome join() throws IOException {
        return join(false);
    }

    private Joining.Outcome join(boolean hasOthers) throws IOException {
        return new Joining(
                        store,
                        TestSpool.ARCHIVE,
                        own(),
                        false,
                        new NewestObject(new WriterId(7), hasOthers, Timekeeper.system()))
                .attempt();
    }

    private long joinedAt() throws IOException {
        if (join() instanceof Joining.Outcome.Joined(Archive _, LogPoint durable)) {
            return durable.seq();
        }
        throw new AssertionError("refused");
    }

    private SidecarException refusal() throws IOException {
        if (join() instanceof Joining.Outcome.Refused(SidecarException why)) {
            return why;
        }
        throw new AssertionError("joined");
    }

    private SidecarException lack() throws IOException {
        if (join() instanceof Joining.Outcome.Lacking lacking) {
            assertThat(lacking.archive().isPresent()).isEqualTo(!names().isEmpty());
            assertThat(lacking.wantedSeq()).isEqualTo(spool.first().orElseThrow().seq() - 1);
            return lacking.why();
        }
        throw new AssertionError("not lacking");
    }

    /// @return the first segment that is left
    private long removeFromSpool(long seq) throws IOException {
        spool.removeThrough(seq);
        return spool.first().orElseThrow().seq();
    }

    @Test
    void whereNothingIsTheArchiveBegins() throws IOException {
        assertThat(joinedAt()).isZero();
        assertThat(names()).containsExactly(ObjectNames.ARCHIVE_INFO);
        assertThat(joinedAt()).isZero();
    }

    @Test
    void whatHasTheBeginningOfOurLogGoesOnFromThere() throws IOException {
        for (long seq : new long[] {1, 5, SEGMENTS}) {
            store(spool, seq);
            assertThat(joinedAt()).isEqualTo(seq);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 40})
    void whatIsStillHereIsNotGivenUpForADamagedObject(int fromEnd) throws IOException {
        store(spool, 5);
        StoredLog.damage(store, ObjectNames.log(5), fromEnd);
        assertThat(refusal())
                .isInstanceOf(SidecarException.CorruptArchive.class)
                .hasMessageStartingWith(ObjectNames.log(5));
    }

    /// It was cut off, or nothing of it is left.
    @ParameterizedTest
    @ValueSource(ints = {0, 50, 200})
    void whatIsStillHereMayBeRemovedWhereTheNewestObjectWasCutOff(int left) throws IOException {
        store(spool, 4);
        String name = ObjectNames.log(5);
        assertThat(store.create(name, ObjectBody.of(ByteBuffer.allocate(left)))).isNotNull();
        SidecarException refusal = refusal();
        assertThat(refusal)
                .isInstanceOf(SidecarException.CorruptArchive.class)
                .hasMessageStartingWith(name);
        assertThat(refusal.remedy())
                .startsWith("If no other writer has stored it, remove that object from memory:");
    }

    /// Ours goes on behind it, and the others may have it whole.
    @Test
    void theNewestObjectOfAnotherWriterIsReadWhereThereAreOthers() throws IOException {
        store(spool, 5);
        LogEnd end = StoredLog.end(store).orElseThrow();
        StoredLog.damage(store, ObjectNames.log(5), 40);
        for (boolean hasOthers : new boolean[] {false, true}) {
            NewestObject newest = new NewestObject(new WriterId(8), hasOthers, Timekeeper.system());
            assertThat(newest.damage(StoredLog.archive(store), end, own()).isPresent())
                    .isEqualTo(hasOthers);
        }
    }

    /// It has the log now: to remove its object would let two write.
    @Test
    void anotherWritersObjectInThePlaceOfOursFencesThoughItIsDamaged() throws IOException {
        try (Spool other = spool("other", 8)) {
            store(other, 4);
        }
        StoredLog.damage(store, ObjectNames.log(4), 40);
        for (boolean hasOthers : new boolean[] {false, true}) {
            assertThatThrownBy(() -> join(hasOthers)).isInstanceOf(SidecarException.Fenced.class);
        }
    }

    /// What can't be stored once more is not to be removed.
    @Test
    void whatIsHereInPartOnlyIsNotLookedAt() throws IOException {
        store(spool, 5);
        StoredLog.damage(store, ObjectNames.log(5), 40);
        LogEnd end = StoredLog.end(store).orElseThrow();
        long first = removeFromSpool(3);
        assertThat(first).isBetween(2L, 5L);
        LogEnd longer = new LogEnd(end.last(), end.digest(), new LogObject(first - 1, 100));
        NewestObject newest = new NewestObject(new WriterId(7), false, Timekeeper.system());
        assertThat(newest.damage(StoredLog.archive(store), longer, own())).isEmpty();
        assertThat(newest.damage(StoredLog.archive(store), end, own())).isPresent();
    }

    @Test
    void theSegmentBeforeTheFirstThatIsLeftHereIsKnownByThatOne() throws IOException {
        store(spool, 3);
        assertThat(removeFromSpool(5)).isEqualTo(4);
        assertThat(joinedAt()).isEqualTo(3);
    }

    @Test
    void whatLacksMoreThanIsLeftHereIsToldAndNothingIsMadeThere() throws IOException {
        store(spool, 3);
        long first = removeFromSpool(8);
        assertThat(first).isGreaterThan(5);
        List<String> before = names();
        assertThat(lack())
                .isInstanceOf(SidecarException.CorruptArchive.class)
                .hasMessageStartingWith("memory: has the log up to segment 3")
                .hasMessageContaining("before segment " + first);
        assertThat(names()).isEqualTo(before);
    }

    @Test
    void nothingIsBegunWhereTheBeginningIsNotLeftHere() throws IOException {
        removeFromSpool(8);
        assertThat(lack()).hasMessageStartingWith("memory: has the log up to segment 0");
        assertThat(names()).isEmpty();
    }

    @Test
    void anotherLogInTheSameArchiveIsAnotherWriters() throws IOException {
        try (Spool other = spool("other", 8)) {
            store(other, 4);
        }
        assertThatThrownBy(this::join)
                .isInstanceOf(SidecarException.Fenced.class)
                .hasMessageContaining("has the archive in memory:");
    }

    @Test
    void aLogThatGoesOnBehindOursIsAnotherWriters() throws IOException {
        store(spool, SEGMENTS);
        try (Spool shorter = Spool.open(folder.resolve("shorter"))) {
            Joining joining =
                    new Joining(
                            store,
                            TestSpool.ARCHIVE,
                            new OwnLog(shorter, Optional.empty()),
                            false,
                            new NewestObject(new WriterId(7), false, Timekeeper.system()));
            assertThatThrownBy(joining::attempt).isInstanceOf(SidecarException.Fenced.class);
        }
    }

    /// The chain of its segments begins elsewhere.
    @Test
    void anArchiveOfTheSameIdThatWasBegunAtAnotherTimeIsRefused() throws IOException {
        ArchiveInfo other =
                new ArchiveInfo(TestSpool.ARCHIVE.id(), TestSpool.ARCHIVE.createdMicros() + 1);
        assertThat(Archive.create(store, other)).isNotNull();
        assertThat(refusal())
                .isInstanceOf(SidecarException.BadUsage.class)
                .hasMessageStartingWith("memory: holds archive ");
    }

    @Test
    void whatIsNoArchiveIsRefused() throws IOException {
        assertThat(
                        store.create(
                                ObjectNames.ARCHIVE_INFO,
                                ObjectBody.of(ByteBuffer.wrap(new byte[9]))))
                .isNotNull();
        assertThat(refusal())
                .isInstanceOf(SidecarException.CorruptArchive.class)
                .hasMessageContaining(ObjectNames.ARCHIVE_INFO);
    }
}
