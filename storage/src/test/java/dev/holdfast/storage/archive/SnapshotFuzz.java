package dev.holdfast.storage.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.Codec;
import dev.holdfast.format.Digest;
import dev.holdfast.format.FuzzInputs;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.SnapshotFooter;
import dev.holdfast.format.SnapshotHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectBody;

import net.jpountz.lz4.LZ4Factory;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32C;

/// Any bytes as a snapshot, for `./dev fuzz snapshot`: it is refused by name, or header and footer
/// are those that would be written, and each block is what the codec's own library makes of it.
///
/// The first byte of the input says whether checksums, digests and the index are mended before.
public final class SnapshotFuzz {
    private static final ArchiveId ARCHIVE = new ArchiveId(1, 2);
    private static final long REPLAY_FROM = 2;
    private static final String NAME = ObjectNames.snapshot(REPLAY_FROM);
    private static final int ENTRY = SnapshotFooter.INDEX_ENTRY_BYTES;

    private SnapshotFuzz() {}

    /// What the fuzzer calls.
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        isRead(input);
    }

    /// Whether the input was taken for what it should be.
    static boolean isRead(byte[] input) throws IOException {
        if (input.length == 0) {
            return false;
        }
        byte[] object = FuzzInputs.stored(input, SnapshotFuzz::sealed);
        InMemoryObjectStore store = new InMemoryObjectStore();
        store.create(NAME, ObjectBody.of(ByteBuffer.wrap(object)));
        try {
            read(store, object);
            return true;
        } catch (FormatException refused) {
            assertThat(refused.object()).isEqualTo(NAME);
            assertThat(refused.offset()).isBetween(-128L, (long) object.length);
            return false;
        }
    }

    private static byte[] sealed(byte[] bytes) {
        byte[] object = bytes.clone();
        if (object.length < SnapshotHeader.BYTES + SnapshotFooter.BYTES) {
            return object;
        }
        ByteBuffer out = ByteBuffer.wrap(object);
        ARCHIVE.writeTo(out, 8);
        CRC32C crc = new CRC32C();
        crc.update(object, 0, 60);
        out.putInt(60, (int) crc.getValue());
        int footer = object.length - SnapshotFooter.BYTES;
        int most = (footer - SnapshotHeader.BYTES) / ENTRY;
        int blocks = (int) Math.clamp(out.getInt(footer + 4), 0L, most);
        int index = footer - blocks * ENTRY;
        out.putInt(footer + 4, blocks).putLong(footer + 8, index);
        sealBlocks(object, blocks, index);
        MessageDigest sha256 = Digest.sha256();
        sha256.update(object, 0, SnapshotHeader.BYTES);
        sha256.update(object, index, object.length - index - Digest.BYTES);
        Digest.of(sha256).writeTo(out, object.length - Digest.BYTES);
        return object;
    }

    /// Lengths as the index has them, as far as there are bytes; the last block has the rest.
    private static void sealBlocks(byte[] object, int blocks, int index) {
        ByteBuffer out = ByteBuffer.wrap(object);
        int at = SnapshotHeader.BYTES;
        for (int block = 0; block < blocks; block++) {
            int entry = index + block * ENTRY;
            boolean isLast = block == blocks - 1;
            int length = isLast ? index - at : (int) Math.clamp(out.getInt(entry), 0L, index - at);
            out.putInt(entry, length);
            Digest.of(ByteBuffer.wrap(object, at, length)).writeTo(out, entry + 4);
            at += length;
        }
    }

    private static void read(InMemoryObjectStore store, byte[] object)
            throws IOException, FormatException {
        SnapshotReader snapshot = SnapshotReader.open(store, REPLAY_FROM, ARCHIVE);
        ByteBuffer header = ByteBuffer.allocate(SnapshotHeader.BYTES);
        snapshot.header().writeTo(header);
        assertThat(header.array()).isEqualTo(Arrays.copyOf(object, SnapshotHeader.BYTES));
        int footerAt = object.length - SnapshotFooter.BYTES;
        int indexAt = (int) snapshot.footer().indexOffset();
        ByteBuffer footer = ByteBuffer.allocate(SnapshotFooter.BYTES);
        ByteBuffer index = ByteBuffer.wrap(object, indexAt, footerAt - indexAt).slice();
        snapshot.footer().writeTo(footer, header, index);
        assertThat(footer.array()).isEqualTo(Arrays.copyOfRange(object, footerAt, object.length));
        assertThat(snapshot.objectBytes()).isEqualTo(object.length);
        int at = SnapshotHeader.BYTES;
        try (SnapshotReader.Blocks blocks = snapshot.blocks()) {
            for (int i = 0; i < snapshot.blockCount(); i++) {
                byte[] pages = blocks.read(i).toArray(ValueLayout.JAVA_BYTE);
                byte[] stored = Arrays.copyOfRange(object, at, at + snapshot.storedBytes(i));
                assertThat(pages.length).isEqualTo(snapshot.rawBytes(i));
                assertThat(
                                Arrays.equals(
                                        pages,
                                        raw(snapshot.header().codec(), stored, pages.length)))
                        .isTrue();
                at += stored.length;
            }
        }
        assertThat(at).isEqualTo(indexAt);
    }

    private static byte[] raw(Codec codec, byte[] stored, int length) {
        if (stored.length == length) {
            return stored;
        }
        return switch (codec) {
            case ZSTD -> Zstd.decompress(stored, length);
            case LZ4 ->
                    LZ4Factory.safeInstance()
                            .safeDecompressor()
                            .decompress(stored, 0, stored.length, length);
        };
    }

    /// Writes the seeds into a folder: snapshots of several blocks.
    public static void main(String[] folder) throws IOException {
        for (Codec codec : Codec.values()) {
            InMemoryObjectStore store = new InMemoryObjectStore();
            try (TestArchive archive = new TestArchive(store, 1, new PageSize(512), codec)) {
                archive.rebase(RebaseReason.FIRST, 14);
                archive.snapshot();
            }
            ByteBuffer object = ByteBuffer.allocate(1 << 16);
            store.read(NAME, 0, object);
            byte[] stored = Arrays.copyOf(object.array(), object.position());
            FuzzInputs.writeSeed(folder[0], codec.name().toLowerCase(Locale.ROOT), 1, stored);
        }
    }
}
