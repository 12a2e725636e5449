package dev.holdfast.storage.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Codec;
import dev.holdfast.format.Digest;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.FormatException.BadSeal.Kind;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ReadOutcome;
import dev.holdfast.storage.seal.FurtherWraps;
import dev.holdfast.storage.seal.Identity;
import dev.holdfast.storage.seal.KeyRing;
import dev.holdfast.storage.seal.Sealing;
import dev.holdfast.storage.seal.WrappedKey;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/// What is encrypted is opened by who may, and whatever was done to it is found though its digests
/// were made anew.
final class SealedArchiveTest {
    private static final long SEED = Long.getLong("seed", 1);
    private static final PageSize PAGE = new PageSize(512);
    private static final Identity READER = Identity.generate();
    private static final Identity OTHER = Identity.generate();
    private static final ArchiveInfo ARCHIVE = new ArchiveInfo(new ArchiveId(3, 4), 1_000);
    private static final int BLOCK = (64 << 10) + 16;

    @TempDir private Path folder;

    private static Archive open(ObjectStore store, Identity... identities) throws Exception {
        if (Archive.open(store) instanceof OpenOutcome.Found(Archive archive)) {
            return archive.with(KeyRing.of(List.of(identities), store));
        }
        throw new AssertionError("no archive");
    }

    private static long decoded(Archive archive) throws Exception {
        long records = 0;
        try (LogReader log = archive.log(1)) {
            for (Optional<SegmentHeader> next = log.next(); next.isPresent(); next = log.next()) {
                log.decode(RecordVisitor.NONE);
                records += next.get().recordCount();
            }
        }
        return records;
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void whoMayReadReadsAllAndNobodyElseAnything(Codec codec) throws Exception {
        InMemoryObjectStore store = new InMemoryObjectStore();
        Sealing sealing = new Sealing(List.of(READER.recipient(), OTHER.recipient()));
        try (TestArchive written = TestArchive.ofEverything(store, SEED, PAGE, codec, sealing)) {
            for (Identity identity : List.of(READER, OTHER)) {
                Archive archive = open(store, identity);
                assertThat(decoded(archive)).isEqualTo(written.lastTx());
                for (long name : archive.snapshots()) {
                    SnapshotReader snapshot = archive.snapshot(name);
                    RecordHeader at = written.record(snapshot.footer().tx());
                    assertThat(snapshot.footer().stateChecksum()).isZero();
                    assertThat(snapshot.stateChecksum())
                            .isEqualTo(at.stateChecksum().orElseThrow());
                    try (SnapshotReader.Blocks blocks = snapshot.blocks()) {
                        for (int i = 0; i < snapshot.blockCount(); i++) {
                            assertThat(blocks.read(i).byteSize()).isEqualTo(snapshot.rawBytes(i));
                        }
                    }
                }
            }
        }
        Archive stranger = open(store, Identity.generate());
        assertThatThrownBy(() -> decoded(stranger)).isInstanceOf(SidecarException.WrongKey.class);
        Archive unnamed = open(store);
        assertThatThrownBy(() -> decoded(unnamed)).isInstanceOf(SidecarException.MissingKey.class);
        SnapshotReader snapshot = unnamed.snapshot(unnamed.snapshots().getFirst());
        assertThatThrownBy(snapshot::blocks).isInstanceOf(SidecarException.MissingKey.class);
        assertThatThrownBy(snapshot::stateChecksum).isInstanceOf(SidecarException.MissingKey.class);
        try (LogReader log = unnamed.log(1)) {
            while (log.next().isPresent()) {
                log.verify();
            }
        }
    }

    @Test
    void noPageIsStoredInTheClear() throws Exception {
        InMemoryObjectStore store = new InMemoryObjectStore();
        byte[] text = "abcdefghijklmnopqrstuvw".getBytes(StandardCharsets.US_ASCII);
        try (TestArchive archive = new TestArchive(store, SEED, PAGE, Codec.LZ4)) {
            archive.seal(new Sealing(List.of(READER.recipient())));
            archive.rebase(RebaseReason.FIRST, 3);
            archive.commits(2);
            archive.snapshot();
            archive.ship();
        }
        for (String name : List.of(ObjectNames.log(1), ObjectNames.snapshot(3))) {
            byte[] stored = bytes(store, name);
            for (int at = 0; at + 8 <= stored.length; at++) {
                byte[] window = Arrays.copyOfRange(stored, at, at + 8);
                assertThat(new String(text, StandardCharsets.US_ASCII))
                        .doesNotContain(new String(window, StandardCharsets.ISO_8859_1));
            }
        }
    }

    private static byte[] bytes(ObjectStore store, String name) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(64 << 20);
        assertThat(store.read(name, 0, bytes)).isInstanceOf(ReadOutcome.Read.class);
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /// A reset and two commits of pages that do not compress, each a segment of its own.
    private List<byte[]> segments(Sealing sealing, int pages) throws Exception {
        List<byte[]> segments = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(SEED);
        Digest last = ARCHIVE.digest();
        try (FileChannel file =
                        FileChannel.open(
                                folder.resolve("segments"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE);
                SegmentWriter writer =
                        new SegmentWriter(
                                ARCHIVE.id(), new WriterId(7), Codec.ZSTD, 17, sealing.current())) {
            long at = 0;
            for (int i = 0; i < 3; i++) {
                SegmentStart start =
                        i == 0
                                ? SegmentStart.rebase(PAGE, 1, last, 1)
                                : SegmentStart.commits(false, PAGE, i + 1, last, i + 1);
                writer.begin(start, file, at);
                int count = i == 0 ? 0 : pages;
                writer.record(
                        new RecordHeader(
                                i == 0 ? Optional.of(RebaseReason.FIRST) : Optional.empty(),
                                count,
                                pages,
                                2_000 + i,
                                OptionalLong.of(1)));
                byte[] page = new byte[PAGE.bytes()];
                for (int number = 1; number <= count; number++) {
                    random.nextBytes(page);
                    writer.page(number, MemorySegment.ofArray(page));
                }
                SealedSegment sealed = writer.seal();
                last = sealed.digest();
                byte[] stored = new byte[(int) (sealed.end() - at)];
                assertThat(file.read(ByteBuffer.wrap(stored), at)).isEqualTo(stored.length);
                segments.add(stored);
                at = sealed.end();
            }
        }
        return segments;
    }

    /// Stores them with digests and header checksums made anew, so that only encryption can tell.
    private static InMemoryObjectStore forged(List<byte[]> segments) throws IOException {
        InMemoryObjectStore store = new InMemoryObjectStore();
        store.create(ObjectNames.ARCHIVE_INFO, ObjectBody.of(ByteBuffer.wrap(ARCHIVE.toBytes())));
        Digest last = ARCHIVE.digest();
        for (int i = 0; i < segments.size(); i++) {
            ByteBuffer segment = ByteBuffer.wrap(segments.get(i));
            last = seal(segment, last);
            store.create(ObjectNames.log(i + 1), ObjectBody.of(segment.clear()));
        }
        return store;
    }

    private static Digest seal(ByteBuffer segment, Digest previous) {
        int body = segment.capacity() - SegmentHeader.BYTES - Digest.BYTES;
        if (!previous.equals(Digest.readFrom(segment, 32))) {
            previous.writeTo(segment, 32);
        }
        segment.putLong(112, body);
        CRC32C crc = new CRC32C();
        crc.update(segment.slice(0, SegmentHeader.CRC_AT));
        segment.putInt(SegmentHeader.CRC_AT, (int) crc.getValue());
        Digest digest = Digest.of(segment.slice(0, SegmentHeader.BYTES + body));
        digest.writeTo(segment, SegmentHeader.BYTES + body);
        return digest;
    }

    private static void assertBad(List<byte[]> segments, Kind kind, String object)
            throws Exception {
        Archive archive = open(forged(segments), READER);
        assertThatThrownBy(() -> decoded(archive))
                .isInstanceOfSatisfying(
                        FormatException.BadSeal.class,
                        it -> {
                            assertThat(it.kind()).isEqualTo(kind);
                            assertThat(it.object()).isEqualTo(object);
                            assertThat(it).hasMessageContaining("encrypted block ");
                        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 127, 128, 129, 300, 2_000, 10_000})
    void bodiesOfAllSizesComeBack(int pages) throws Exception {
        List<byte[]> segments = segments(new Sealing(List.of(READER.recipient())), pages);
        assertThat(decoded(open(forged(segments), READER))).isEqualTo(3);
    }

    @Test
    void aLargeBodyComesBack() throws Exception {
        List<byte[]> segments = segments(new Sealing(List.of(READER.recipient())), 40_000);
        assertThat(segments.get(1).length).isGreaterThan(20_000_000);
        assertThat(decoded(open(forged(segments), READER))).isEqualTo(3);
    }

    @Test
    void swappedBlocksAreFound() throws Exception {
        List<byte[]> segments = segments(new Sealing(List.of(READER.recipient())), 600);
        byte[] segment = segments.get(1);
        int first = SegmentHeader.BYTES + 16;
        byte[] block = Arrays.copyOfRange(segment, first, first + BLOCK);
        System.arraycopy(segment, first + BLOCK, segment, first, BLOCK);
        System.arraycopy(block, 0, segment, first + BLOCK, BLOCK);
        assertBad(segments, Kind.SWAPPED_BLOCK, ObjectNames.log(2));
    }

    @Test
    void anObjectCutOffBetweenBlocksIsFound() throws Exception {
        List<byte[]> segments = segments(new Sealing(List.of(READER.recipient())), 600);
        int cut = SegmentHeader.BYTES + 16 + 2 * BLOCK;
        segments.set(1, Arrays.copyOf(segments.get(1), cut + Digest.BYTES));
        assertBad(segments, Kind.CUT_OFF, ObjectNames.log(2));
    }

    @Test
    void aBlockThatWasTurnedIsFound() throws Exception {
        List<byte[]> segments = segments(new Sealing(List.of(READER.recipient())), 600);
        segments.get(1)[SegmentHeader.BYTES + 16 + BLOCK + 99] ^= 1;
        assertBad(segments, Kind.ALTERED, ObjectNames.log(2));
    }

    @Test
    void aBodyOfAnotherSegmentIsFound() throws Exception {
        List<byte[]> segments = segments(new Sealing(List.of(READER.recipient())), 600);
        byte[] second = segments.get(1);
        byte[] third = segments.get(2);
        byte[] mixed = Arrays.copyOf(second, third.length);
        System.arraycopy(
                third,
                SegmentHeader.BYTES,
                mixed,
                SegmentHeader.BYTES,
                third.length - SegmentHeader.BYTES);
        segments.set(1, mixed);
        assertBad(segments, Kind.SWAPPED_OBJECT, ObjectNames.log(2));
    }

    @Test
    void aHeaderThatWasChangedIsFound() throws Exception {
        List<byte[]> segments = segments(new Sealing(List.of(READER.recipient())), 600);
        ByteBuffer.wrap(segments.get(2)).putInt(120, 700);
        assertBad(segments, Kind.ALTERED, ObjectNames.log(3));
    }

    @Test
    void theLengthOfTheWrappedKeyIsNotBelieved() throws Exception {
        List<byte[]> segments = segments(new Sealing(List.of(READER.recipient())), 3);
        for (int length : new int[] {0, -1, Integer.MAX_VALUE, (16 << 10) + 1, 16 << 10}) {
            ByteBuffer.wrap(segments.get(0)).putInt(SegmentHeader.BYTES, length);
            Archive archive = open(forged(segments), READER);
            assertThatThrownBy(() -> decoded(archive))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("wrapped data key");
        }
    }

    @Test
    void aSnapshotsBlocksAndItsChecksumAreBound() throws Exception {
        InMemoryObjectStore store = new InMemoryObjectStore();
        try (TestArchive written = new TestArchive(store, SEED, PAGE, Codec.LZ4)) {
            written.seal(new Sealing(List.of(READER.recipient())));
            written.rebase(RebaseReason.FIRST, 12);
            written.snapshot();
            written.ship();
        }
        String name = ObjectNames.snapshot(2);
        byte[] stored = bytes(store, name);
        SnapshotReader good = open(store, READER).snapshot(2);
        byte[] turned = stored.clone();
        int indexAt = (int) good.footer().indexOffset();
        int checksumAt = indexAt + good.footer().indexBytes();
        turned[checksumAt] ^= 1;
        assertThatThrownBy(() -> forgedSnapshot(turned, indexAt).stateChecksum())
                .isInstanceOf(FormatException.BadSeal.class);
        byte[] later = stored.clone();
        ByteBuffer.wrap(later).putLong(later.length - 128 + 72, 9);
        assertThatThrownBy(() -> forgedSnapshot(later, indexAt).stateChecksum())
                .isInstanceOf(FormatException.BadSeal.class);
        byte[] swapped = stored.clone();
        swap(swapped, good, indexAt);
        assertThatThrownBy(() -> readFirstBlock(forgedSnapshot(swapped, indexAt)))
                .isInstanceOfSatisfying(
                        FormatException.BadSeal.class,
                        it -> assertThat(it.kind()).isEqualTo(Kind.SWAPPED_BLOCK));
    }

    @Test
    void aSealedSnapshotThatIsCutOffIsCalledSo() throws Exception {
        InMemoryObjectStore store = new InMemoryObjectStore();
        try (TestArchive written = new TestArchive(store, SEED, PAGE, Codec.LZ4)) {
            written.seal(new Sealing(List.of(READER.recipient())));
            written.rebase(RebaseReason.FIRST, 12);
            written.snapshot();
            written.ship();
        }
        byte[] stored = bytes(store, ObjectNames.snapshot(2));
        ByteBuffer cut = ByteBuffer.wrap(Arrays.copyOf(stored, stored.length - 1));
        InMemoryObjectStore damaged = new InMemoryObjectStore();
        damaged.create(ObjectNames.snapshot(2), ObjectBody.of(cut));
        ArchiveId archive = ArchiveId.readFrom(cut, 8);
        assertThatThrownBy(() -> SnapshotReader.open(damaged, 2, archive))
                .isInstanceOf(FormatException.NoFooter.class)
                .hasMessageContaining(
                        "the snapshot ends at byte %d without its footer".formatted(cut.limit()));
    }

    /// The first two blocks, and their lengths and digests.
    private static void swap(byte[] snapshot, SnapshotReader good, int indexAt) {
        int length = good.storedBytes(0);
        int other = good.storedBytes(1);
        int from = good.head().remaining();
        byte[] block = Arrays.copyOfRange(snapshot, from, from + length);
        System.arraycopy(snapshot, from + length, snapshot, from, other);
        System.arraycopy(block, 0, snapshot, from + other, length);
        byte[] entry = Arrays.copyOfRange(snapshot, indexAt, indexAt + 36);
        System.arraycopy(snapshot, indexAt + 36, snapshot, indexAt, 36);
        System.arraycopy(entry, 0, snapshot, indexAt + 36, 36);
    }

    private static byte[] readFirstBlock(SnapshotReader snapshot) throws Exception {
        try (SnapshotReader.Blocks blocks = snapshot.blocks()) {
            return blocks.read(0).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static SnapshotReader forgedSnapshot(byte[] stored, int indexAt) throws Exception {
        ByteBuffer bytes = ByteBuffer.wrap(stored);
        MessageDigest sha256 = Digest.sha256();
        int length = 64 + 4 + bytes.getInt(64) + 16;
        sha256.update(bytes.slice(0, length));
        sha256.update(bytes.slice(indexAt, stored.length - 32 - indexAt));
        Digest.of(sha256).writeTo(bytes, stored.length - 32);
        InMemoryObjectStore store = new InMemoryObjectStore();
        store.create(ObjectNames.snapshot(2), ObjectBody.of(bytes));
        ArchiveId archive = ArchiveId.readFrom(bytes, 8);
        return SnapshotReader.open(store, 2, archive, KeyRing.of(List.of(READER), store));
    }

    @Test
    void aFurtherWrapOfADataKeyIsFound() throws Exception {
        InMemoryObjectStore store = new InMemoryObjectStore();
        Sealing sealing = new Sealing(List.of(READER.recipient()));
        try (TestArchive written =
                TestArchive.ofEverything(store, SEED, PAGE, Codec.ZSTD, sealing)) {
            Archive archive = open(store, OTHER);
            assertThatThrownBy(() -> decoded(archive))
                    .isInstanceOf(SidecarException.WrongKey.class);
            KeyRing keys = KeyRing.of(List.of(READER), store);
            for (long name : archive.snapshots()) {
                WrappedKey wrapped = archive.snapshot(name).dataKey().orElseThrow();
                WrappedKey again = keys.wrapAgain(wrapped, OTHER.recipient(), "snapshot");
                assertThat(FurtherWraps.create(store, wrapped.digest(), OTHER.recipient(), again))
                        .isInstanceOf(CreateOutcome.Created.class);
            }
            assertThat(decoded(open(store, OTHER))).isEqualTo(written.lastTx());
        }
    }
}
