package dev.holdfast.storage.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Codec;
import dev.holdfast.format.Digest;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.SnapshotHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectUpload;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.CRC32C;

class SnapshotTest {
    private static final ArchiveInfo ARCHIVE = new ArchiveInfo(new ArchiveId(1, 2), 1_000);
    private static final PageSize PAGE = new PageSize(HandWritten.PAGE_BYTES);
    private static final String NAME = ObjectNames.snapshot(5);
    private static final Digest SEGMENT = Digest.parse("5a".repeat(32));
    private static final SnapshotPoint POINT = new SnapshotPoint(7, SEGMENT, 11, 6_000, 4, 0x77);

    /// Three pages in blocks of two, which no codec makes smaller; built from section 3's tables.
    private static byte[] handWritten(int codec) {
        byte[] first = HandWritten.concat(HandWritten.page(1), HandWritten.page(2));
        byte[] second = HandWritten.page(3);
        ByteBuffer header = ByteBuffer.allocate(64);
        header.put(new byte[] {'H', 'F', 'S', 'N', 1, (byte) codec, 9, 0}).putLong(1).putLong(2);
        header.putLong(0xabcdef).putLong(5).putLong(4_000).putInt(2).putLong(0);
        CRC32C crc = new CRC32C();
        crc.update(header.array(), 0, 60);
        header.putInt((int) crc.getValue());
        ByteBuffer index = ByteBuffer.allocate(72);
        index.putInt(1024)
                .put(HandWritten.sha256(first))
                .putInt(512)
                .put(HandWritten.sha256(second));
        ByteBuffer footer = ByteBuffer.allocate(96);
        footer.put(new byte[] {'H', 'F', 'S', 'F'})
                .putInt(2)
                .putLong(64 + 1536)
                .putInt(3)
                .putInt(4)
                .putLong(7);
        SEGMENT.writeTo(footer, 32);
        footer.position(64).putLong(11).putLong(6_000).putLong(0x77);
        byte[] digest = HandWritten.sha256(header.array(), index.array(), footer.array());
        return HandWritten.concat(
                header.array(), first, second, index.array(), footer.array(), digest);
    }

    private static SnapshotHeader header(Codec codec, int pagesPerBlock) {
        return new SnapshotHeader(
                codec, PAGE, ARCHIVE.id(), new WriterId(0xabcdef), 5, 4_000, pagesPerBlock, false);
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void aSnapshotWrittenByHandIsRead(Codec codec) throws Exception {
        InMemoryObjectStore store = HandWritten.store(ARCHIVE, NAME, handWritten(codec.number()));
        SnapshotReader snapshot = SnapshotReader.open(store, 5, ARCHIVE.id());
        assertThat(snapshot.header()).isEqualTo(header(codec, 2));
        assertThat(snapshot.footer().tx()).isEqualTo(11);
        assertThat(snapshot.blockCount()).isEqualTo(2);
        assertThat(snapshot.firstPage(1)).isEqualTo(3);
        assertThat(snapshot.pageCount(1)).isEqualTo(1);
        assertThat(snapshot.objectBytes()).isEqualTo(handWritten(codec.number()).length);
        try (SnapshotReader.Blocks blocks = snapshot.blocks()) {
            assertThat(blocks.read(1).toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo(HandWritten.page(3));
            assertThat(blocks.read(0).toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo(HandWritten.concat(HandWritten.page(1), HandWritten.page(2)));
        }
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void whatIsWrittenIsTheHandWrittenBytes(Codec codec) throws Exception {
        InMemoryObjectStore store = new InMemoryObjectStore();
        try (ObjectUpload upload = store.upload(NAME);
                SnapshotWriter writer =
                        new SnapshotWriter(upload, header(codec, 2), Runnable::run, 1)) {
            MemorySegment.copy(
                    HandWritten.page(1), 0, writer.block(), ValueLayout.JAVA_BYTE, 0, 512);
            MemorySegment.copy(
                    HandWritten.page(2), 0, writer.block(), ValueLayout.JAVA_BYTE, 512, 512);
            writer.add(2);
            MemorySegment.copy(
                    HandWritten.page(3), 0, writer.block(), ValueLayout.JAVA_BYTE, 0, 512);
            writer.add(1);
            assertThat(writer.pagesCopied()).isEqualTo(3);
            assertThat(writer.commit(POINT)).isEqualTo(new CreateOutcome.Created());
            assertThat(writer.storedBytes()).isEqualTo(handWritten(codec.number()).length);
        }
        assertThat(bytes(store)).isEqualTo(handWritten(codec.number()));
    }

    @Test
    void severalThreadsWriteTheSameBytesInOrder() throws Exception {
        try (ExecutorService two = Executors.newFixedThreadPool(2)) {
            assertThat(manyBlocks(two, 3)).isEqualTo(manyBlocks(Runnable::run, 1));
        }
    }

    private static byte[] manyBlocks(Executor executor, int blocksInWork) throws IOException {
        InMemoryObjectStore store = new InMemoryObjectStore();
        SplittableRandom random = new SplittableRandom(1);
        try (ObjectUpload upload = store.upload(NAME);
                SnapshotWriter writer =
                        new SnapshotWriter(
                                upload, header(Codec.ZSTD, 64), executor, blocksInWork)) {
            byte[] block = new byte[64 * 512];
            for (int i = 0; i < 200; i++) {
                // Now and then much smaller, so that blocks take different times.
                for (int k = 0; k < (i % 5 == 0 ? 100 : block.length); k++) {
                    block[k] = (byte) random.nextInt(16);
                }
                MemorySegment.copy(
                        block, 0, writer.block(), ValueLayout.JAVA_BYTE, 0, block.length);
                writer.add(64);
            }
            writer.commit(new SnapshotPoint(7, SEGMENT, 11, 6_000, 12_800, 0x77));
        }
        return bytes(store);
    }

    @Test
    void aWriterIsClosedWhileItsExecutorStillWorks() throws Exception {
        InMemoryObjectStore store = new InMemoryObjectStore();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch mayGoOn = new CountDownLatch(1);
        try (ExecutorService one = Executors.newSingleThreadExecutor();
                ObjectUpload upload = store.upload(NAME)) {
            SnapshotWriter writer = new SnapshotWriter(upload, header(Codec.ZSTD, 2), one, 3);
            one.execute(() -> {
                begun.countDown();
                try {
                    mayGoOn.await();
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                }
            });
            begun.await();
            writer.block();
            writer.add(2);
            writer.close(); // the block was never begun, and must not be once its memory is free
            mayGoOn.countDown();
        }
        assertThat(store.list("", null, 10).entries()).isEmpty();
    }

    @Test
    void anEmptyDatabaseHasASnapshotWithoutBlocks() throws Exception {
        InMemoryObjectStore store = new InMemoryObjectStore();
        try (ObjectUpload upload = store.upload(NAME);
                SnapshotWriter writer =
                        new SnapshotWriter(upload, header(Codec.ZSTD, 2), Runnable::run, 1)) {
            writer.commit(new SnapshotPoint(7, SEGMENT, 11, 6_000, 0, 0));
        }
        SnapshotReader snapshot = SnapshotReader.open(store, 5, ARCHIVE.id());
        assertThat(snapshot.blockCount()).isZero();
        assertThat(snapshot.objectBytes()).isEqualTo(192);
        snapshot.blocks().close();
    }

    @Test
    void theLockPageIsZerosWhateverWasRead() throws Exception {
        PageSize large = new PageSize(65_536);
        int pagesPerBlock = 128;
        InMemoryObjectStore store = new InMemoryObjectStore();
        SnapshotHeader header =
                new SnapshotHeader(
                        Codec.ZSTD,
                        large,
                        ARCHIVE.id(),
                        new WriterId(1),
                        5,
                        4_000,
                        pagesPerBlock,
                        false);
        long lockPage = large.lockPage();
        try (ObjectUpload upload = store.upload(NAME);
                SnapshotWriter writer = new SnapshotWriter(upload, header, Runnable::run, 1)) {
            while (writer.pagesCopied() < lockPage) {
                writer.block().fill((byte) 1);
                writer.add(pagesPerBlock);
            }
            writer.commit(new SnapshotPoint(7, SEGMENT, 11, 6_000, writer.pagesCopied(), 0));
        }
        SnapshotReader snapshot = SnapshotReader.open(store, 5, ARCHIVE.id());
        int block = (int) ((lockPage - 1) / pagesPerBlock);
        long from = (lockPage - snapshot.firstPage(block)) * large.bytes();
        try (SnapshotReader.Blocks blocks = snapshot.blocks()) {
            MemorySegment raw = blocks.read(block);
            assertThat(raw.asSlice(from, large.bytes()).toArray(ValueLayout.JAVA_BYTE))
                    .containsOnly(0);
            assertThat(raw.get(ValueLayout.JAVA_BYTE, from + large.bytes())).isEqualTo((byte) 1);
        }
    }

    /// 12 MiB that no codec makes smaller, read as a thread of a restore does.
    @Test
    void blocksThatAreReadOnComeTogetherUpToEightMebibytes() throws Exception {
        InMemoryObjectStore store = new InMemoryObjectStore();
        PageSize large = new PageSize(65_536);
        SnapshotHeader header =
                new SnapshotHeader(
                        Codec.LZ4, large, ARCHIVE.id(), new WriterId(1), 5, 4_000, 16, false);
        byte[] pages = new byte[12 << 20];
        new SplittableRandom(1).nextBytes(pages);
        try (ObjectUpload upload = store.upload(NAME);
                SnapshotWriter writer = new SnapshotWriter(upload, header, Runnable::run, 1)) {
            for (int at = 0; at < pages.length; at += 1 << 20) {
                MemorySegment.copy(pages, at, writer.block(), ValueLayout.JAVA_BYTE, 0, 1 << 20);
                writer.add(16);
            }
            writer.commit(new SnapshotPoint(7, SEGMENT, 11, 6_000, writer.pagesCopied(), 0));
        }
        SnapshotReader snapshot = SnapshotReader.open(store, 5, ARCHIVE.id());
        long before = store.requests(InMemoryObjectStore.Request.READ);
        try (SnapshotReader.Blocks blocks = snapshot.blocks()) {
            blocks.readOn(11);
            for (int block : new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 2}) {
                int from = block << 20;
                assertThat(blocks.read(block).toArray(ValueLayout.JAVA_BYTE))
                        .as("block %d", block)
                        .isEqualTo(Arrays.copyOfRange(pages, from, from + (1 << 20)));
            }
        }
        // 0 to 6, as each is a little larger than a mebibyte; 7 to 10; 11; and 2 again, with those
        // behind it
        assertThat(store.requests(InMemoryObjectStore.Request.READ) - before).isEqualTo(4);
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void aSnapshotThatIsCutOffIsCalledSo(Codec codec) throws Exception {
        byte[] whole = handWritten(codec.number());
        for (int length = 64 + 128; length < whole.length; length++) {
            InMemoryObjectStore store =
                    HandWritten.store(ARCHIVE, NAME, Arrays.copyOf(whole, length));
            int cut = length;
            assertThatThrownBy(() -> SnapshotReader.open(store, 5, ARCHIVE.id()))
                    .isInstanceOfSatisfying(
                            FormatException.NoFooter.class,
                            e -> assertThat(e.offset()).isEqualTo(cut - 128))
                    .hasMessageStartingWith(
                            "%s, byte %d: the snapshot ends at byte %d without its footer: it was cut off, or its end is damaged (found magic 0x"
                                    .formatted(NAME, cut - 128, cut))
                    .hasMessageEndingWith(", wanted 0x48465346)");
        }
    }

    @Test
    void aSnapshotUnderAnotherNameOrThatIsGoneIsRefused() throws Exception {
        InMemoryObjectStore store =
                HandWritten.store(ARCHIVE, ObjectNames.snapshot(6), handWritten(1));
        assertThatThrownBy(() -> SnapshotReader.open(store, 6, ARCHIVE.id()))
                .isInstanceOf(FormatException.BadField.class)
                .hasMessageContaining("replayFrom");
        assertThatThrownBy(() -> SnapshotReader.open(store, 5, ARCHIVE.id()))
                .isInstanceOf(FormatException.MissingObject.class)
                .hasMessageContaining(NAME);
    }

    @Test
    void blocksAfterAShortOneAndMoreThanFitAreTheCallersMistake() throws Exception {
        InMemoryObjectStore store = new InMemoryObjectStore();
        try (ObjectUpload upload = store.upload(NAME);
                SnapshotWriter writer =
                        new SnapshotWriter(upload, header(Codec.LZ4, 2), Runnable::run, 1)) {
            assertThatThrownBy(() -> writer.add(1)).isInstanceOf(IllegalStateException.class);
            writer.block();
            assertThatThrownBy(() -> writer.add(3)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> writer.add(0)).isInstanceOf(IllegalArgumentException.class);
            writer.add(1);
            writer.block();
            assertThatThrownBy(() -> writer.add(1)).isInstanceOf(IllegalStateException.class);
        }
    }

    private static byte[] bytes(InMemoryObjectStore store) throws IOException {
        int length = (int) store.list(ObjectNames.SNAPSHOTS, null, 1).entries().getFirst().bytes();
        ByteBuffer bytes = ByteBuffer.allocate(length);
        store.read(NAME, 0, bytes);
        return bytes.array();
    }
}
